import GerundCore
import Testing

@Suite("Double.fixed")
struct DoubleFixedTests {
    @Test(
        "Writes a fixed number of decimals, ties away from zero",
        arguments: [
            (0.0, 3, "0.000"), (-0.0, 3, "0.000"), (-0.0004, 3, "0.000"), (0.0005, 3, "0.001"), (-0.0005, 3, "-0.001"),
            (12.25, 3, "12.250"), (0.995, 2, "1.00"), (41.24999, 1, "41.2"), (1e15, 3, "1000000000000000.000"),
            (2.5, 0, "3"), (-2.5, 0, "-3"), (-12.5, 1, "-12.5"),
        ])
    func numbers(value: Double, decimals: Int, text: String) {
        #expect(value.fixed(decimals) == text)
    }

    @Test("Writes null for a number that is not finite or too large", arguments: [Double.nan, .infinity, 1e300])
    func notNumbers(value: Double) {
        #expect(value.fixed(3) == "null")
    }
}
