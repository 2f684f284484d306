import GerundCore
import Testing

@Suite("Duration")
struct DurationUnitsTests {
    @Test("Is truncated to nanoseconds toward zero")
    func truncation() {
        #expect(Duration.zero.truncatedNanoseconds == 0)
        #expect(Duration.milliseconds(250).truncatedNanoseconds == 250_000_000)
        #expect(Duration(secondsComponent: 0, attosecondsComponent: 1_999_999_999).truncatedNanoseconds == 1)
        #expect(Duration(secondsComponent: 0, attosecondsComponent: -1_999_999_999).truncatedNanoseconds == -1)
        #expect(Duration.seconds(-3).truncatedNanoseconds == -3_000_000_000)
    }

    @Test("Saturates at the smallest and the largest number of nanoseconds")
    func saturation() {
        #expect(Duration.seconds(Int64.max).truncatedNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).truncatedNanoseconds == .min)
        #expect((Duration.nanoseconds(Int64.max) + .seconds(1)).truncatedNanoseconds == .max)
        #expect((Duration.nanoseconds(Int64.min) - .seconds(1)).truncatedNanoseconds == .min)
        #expect(Duration.nanoseconds(Int64.max).truncatedNanoseconds == .max)
    }

    @Test("Converts to floating-point seconds and milliseconds")
    func floatingPoint() {
        #expect(Duration.milliseconds(1250).seconds == 1.25)
        #expect(Duration.microseconds(-1500).milliseconds == -1.5)
        #expect(Duration.seconds(86_400 * 365).seconds == 31_536_000)
    }
}
