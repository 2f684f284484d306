import GerundCore
import Testing

@Suite("A media time")
struct MediaTimeTests {
    @Test("rounds seconds to the nearest nanosecond")
    func rounding() {
        #expect(MediaTime(seconds: 0.04).nanoseconds == 40_000_000)
        #expect(MediaTime(seconds: 1 / 3.0).nanoseconds == 333_333_333)
        #expect(MediaTime(seconds: -0.000_000_000_6).nanoseconds == -1)
        #expect(MediaTime(nanoseconds: 1_250_000_000).seconds == 1.25)
    }

    @Test("is moved by durations, and the difference of two is one")
    func arithmetic() {
        let time = MediaTime(seconds: 12.25)
        #expect(time + .milliseconds(750) == MediaTime(seconds: 13))
        #expect(time - .seconds(13) == MediaTime(seconds: -0.75))
        #expect(MediaTime(seconds: 1) - time == .milliseconds(-11_250))
        #expect((time + .milliseconds(40)) - time == .milliseconds(40))
    }

    @Test("comes back from a year of 40 ms steps without an error")
    func noDrift() {
        let frames = Int64(365 * 86_400 * 25)
        let end = MediaTime(nanoseconds: frames * 40_000_000)
        #expect(end.seconds == 31_536_000)
        #expect(end - .seconds(31_536_000) == .zero)
    }

    @Test("sorts by time and reads as seconds")
    func order() {
        #expect(MediaTime(seconds: -1) < .zero)
        #expect([MediaTime(seconds: 2), .zero, MediaTime(seconds: 1)].sorted().map(\.seconds) == [0, 1, 2])
        #expect("\(MediaTime(seconds: 2.5))" == "2.5 s")
    }
}
