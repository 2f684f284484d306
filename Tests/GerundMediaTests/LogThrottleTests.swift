import Testing

@testable import GerundMedia

@Suite("LogThrottle")
struct LogThrottleTests {
    @Test("Passes each kind of message once per second and counts the others")
    func throttles() {
        var throttle = LogThrottle()
        let first = LogThrottle.kind(of: "[h264] error while decoding MB 12 3", source: "door")
        #expect(first == LogThrottle.kind(of: "[h264] error while decoding MB 7 41", source: "door"))
        #expect(first != LogThrottle.kind(of: "[h264] error while decoding MB 7 41", source: "hall"))
        #expect(throttle.shouldLog(kind: first, now: 0) == 0)
        #expect(throttle.shouldLog(kind: first, now: 500_000_000) == nil)
        #expect(throttle.shouldLog(kind: "other", now: 500_000_000) == 0)
        #expect(throttle.shouldLog(kind: first, now: 999_999_999) == nil)
        #expect(throttle.shouldLog(kind: first, now: 1_000_000_000) == 2)
        #expect(throttle.shouldLog(kind: first, now: 3_000_000_000) == 0)
    }

    @Test("Tracks a bounded number of kinds, and passes each once more beyond that")
    func bounded() {
        var throttle = LogThrottle()
        for number in 0..<LogThrottle.maximumKinds { #expect(throttle.shouldLog(kind: "\(number)", now: 0) == 0) }
        #expect(throttle.shouldLog(kind: "0", now: 1) == nil)
        #expect(throttle.shouldLog(kind: "one too many", now: 2) == 0)
        #expect(throttle.shouldLog(kind: "0", now: 3) == 0)
    }
}
