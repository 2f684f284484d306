import GerundCore
import Testing

@Suite("MediaTime")
struct MediaTimeTests {
    @Test("Rounds seconds to the nearest nanosecond")
    func rounding() {
        #expect(MediaTime(seconds: 0.04).nanoseconds == 40_000_000)
        #expect(MediaTime(seconds: 1 / 3.0).nanoseconds == 333_333_333)
        #expect(MediaTime(seconds: -0.000_000_000_6).nanoseconds == -1)
        #expect(MediaTime(nanoseconds: 1_250_000_000).seconds == 1.25)
    }

    @Test("Moves by durations and subtracts to one")
    func arithmetic() {
        let time = MediaTime(seconds: 12.25)
        #expect(time + .milliseconds(750) == MediaTime(seconds: 13))
        #expect(time - .seconds(13) == MediaTime(seconds: -0.75))
        #expect(MediaTime(seconds: 1) - time == .milliseconds(-11_250))
        #expect((time + .milliseconds(40)) - time == .milliseconds(40))
        // A duration is truncated to nanoseconds before it is added or subtracted.
        let half = Duration(secondsComponent: 0, attosecondsComponent: 500_000_000)
        #expect(time + half == time && time - half == time)
    }

    @Test("Accumulates no error over 100,000 steps of 40 ms")
    func noDrift() {
        var time = MediaTime.zero
        for _ in 0..<100_000 { time += .milliseconds(40) }
        #expect(time == MediaTime(seconds: 4000))
        for _ in 0..<100_000 { time = time - .milliseconds(40) }
        #expect(time == .zero)
    }

    @Test("Saturates instead of overflowing, because timestamps are untrusted")
    func saturation() {
        let (first, last) = (MediaTime(nanoseconds: .min), MediaTime(nanoseconds: .max))
        #expect(last + .nanoseconds(1) == last)
        #expect(last + .seconds(Int64.max) == last)
        #expect(first - .nanoseconds(1) == first)
        #expect(first + .seconds(Int64.min) == first)
        #expect(MediaTime.zero - .seconds(Int64.max) == MediaTime(nanoseconds: -.max))
        #expect(last - first == .nanoseconds(Int64.max) - .nanoseconds(Int64.min))
        var time = last
        time += .seconds(1)
        #expect(time == last)
    }

    @Test(
        "Saturates for seconds beyond its range, and is zero for NaN",
        arguments: [
            (Double.infinity, Int64.max), (-.infinity, .min), (1e300, .max), (-1e300, .min), (9.3e9, .max),
            (-9.3e9, .min), (.nan, 0),
        ])
    func outOfRange(seconds: Double, nanoseconds: Int64) {
        #expect(MediaTime(seconds: seconds).nanoseconds == nanoseconds)
    }

    @Test("Sorts by time and is described in seconds")
    func order() {
        #expect(MediaTime(seconds: -1) < .zero)
        #expect([MediaTime(seconds: 2), .zero, MediaTime(seconds: 1)].sorted().map(\.seconds) == [0, 1, 2])
        #expect("\(MediaTime(seconds: 2.5))" == "2.5 s")
    }
}
