import GerundCore
import Testing

@Suite("A duration in other units")
struct DurationUnitsTests {
    @Test("is cut to whole nanoseconds, towards zero")
    func wholeNanoseconds() {
        #expect(Duration.zero.wholeNanoseconds == 0)
        #expect(Duration.milliseconds(250).wholeNanoseconds == 250_000_000)
        #expect(Duration(secondsComponent: 0, attosecondsComponent: 1_999_999_999).wholeNanoseconds == 1)
        #expect(Duration(secondsComponent: 0, attosecondsComponent: -1_999_999_999).wholeNanoseconds == -1)
        #expect(Duration.seconds(-3).wholeNanoseconds == -3_000_000_000)
    }

    @Test("saturates at the ends of what nanoseconds can count")
    func saturation() {
        #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
        #expect((Duration.nanoseconds(Int64.max) + .seconds(1)).wholeNanoseconds == .max)
        #expect((Duration.nanoseconds(Int64.min) - .seconds(1)).wholeNanoseconds == .min)
        #expect(Duration.nanoseconds(Int64.max).wholeNanoseconds == .max)
    }

    @Test("is a floating-point number of seconds and milliseconds")
    func floatingPoint() {
        #expect(Duration.milliseconds(1250).inSeconds == 1.25)
        #expect(Duration.microseconds(-1500).inMilliseconds == -1.5)
        #expect(Duration.seconds(86_400 * 365).inSeconds == 31_536_000)
    }
}
