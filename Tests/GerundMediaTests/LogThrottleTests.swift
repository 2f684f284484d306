import Testing

@testable import GerundMedia

@Suite("LogThrottle")
struct LogThrottleTests {
    @Test("Lets one message of each kind through per second and counts the suppressed ones")
    func throttles() {
        var throttle = LogThrottle()
        let first = LogThrottle.kind(of: "[h264] error while decoding MB 12 3", source: "door")
        #expect(first == LogThrottle.kind(of: "[h264] error while decoding MB 7 41", source: "door"))
        #expect(first != LogThrottle.kind(of: "[h264] error while decoding MB 7 41", source: "hall"))
        #expect(throttle.admit(kind: first, at: 0) == 0)
        #expect(throttle.admit(kind: first, at: 500_000_000) == nil)
        #expect(throttle.admit(kind: "other", at: 500_000_000) == 0)
        #expect(throttle.admit(kind: first, at: 999_999_999) == nil)
        #expect(throttle.admit(kind: first, at: 1_000_000_000) == 2)
        #expect(throttle.admit(kind: first, at: 3_000_000_000) == 0)
    }

    @Test("Tracks a bounded number of kinds, and forgets all when a new one would exceed it")
    func bounded() {
        var throttle = LogThrottle()
        for number in 0..<LogThrottle.maximumKindCount { #expect(throttle.admit(kind: "\(number)", at: 0) == 0) }
        #expect(throttle.admit(kind: "0", at: 1) == nil)
        #expect(throttle.admit(kind: "one too many", at: 2) == 0)
        #expect(throttle.admit(kind: "0", at: 3) == 0)
    }
}
