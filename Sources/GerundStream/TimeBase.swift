/// A stream's unit of time: so many seconds per tick, as a fraction.
public struct TimeBase: Hashable, Sendable {
    public let numerator, denominator: Int32

    /// A fraction that is not positive, as broken files have, becomes a microsecond.
    public init(numerator: Int32, denominator: Int32) {
        let isValid = numerator > 0 && denominator > 0
        self.numerator = isValid ? numerator : 1
        self.denominator = isValid ? denominator : 1_000_000
    }

    /// Ticks as nanoseconds, rounded to the nearest. No stamp of 64 bits is too large, nor the distance of two.
    func nanoseconds(_ ticks: Int128) -> Int128 {
        let product = ticks * Int128(self.numerator) * 1_000_000_000
        let half = Int128(self.denominator) / 2
        return (product + (product < 0 ? -half : half)) / Int128(self.denominator)
    }
}
