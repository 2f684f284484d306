/// The unit of a stream's timestamps: the duration of one tick as a fraction of a second.
public struct TimeBase: Hashable, Sendable {
    /// The numerator of the fraction, above 0.
    public let numerator: Int32
    /// The denominator of the fraction, above 0.
    public let denominator: Int32

    /// Creates a time base.
    ///
    /// A fraction that isn't positive, as in damaged files, becomes a microsecond.
    ///
    /// - Parameters:
    ///   - numerator: The numerator of the fraction.
    ///   - denominator: The denominator of the fraction.
    public init(numerator: Int32, denominator: Int32) {
        let isValid = numerator > 0 && denominator > 0
        self.numerator = isValid ? numerator : 1
        self.denominator = isValid ? denominator : 1_000_000
    }

    /// Returns a number of ticks in nanoseconds, rounded to the nearest.
    ///
    /// Can't overflow for a 64-bit timestamp or the difference of two.
    func nanoseconds(_ ticks: Int128) -> Int128 {
        let product = ticks * Int128(self.numerator) * 1_000_000_000
        let half = Int128(self.denominator) / 2
        return (product + (product < 0 ? -half : half)) / Int128(self.denominator)
    }
}
