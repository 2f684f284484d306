import GerundCore

/// The allowed values of a number, a duration (in seconds) or a size (in bytes).
public struct SettingRange: Hashable, Sendable {
    /// The lower bound.
    public let lower: Double
    /// A Boolean value that indicates whether ``lower`` itself is allowed.
    public let includesLower: Bool
    /// The upper bound, which is allowed.
    public let upper: Double

    /// Creates a range that includes both bounds.
    ///
    /// - Parameters:
    ///   - lower: The smallest allowed value.
    ///   - upper: The largest allowed value.
    public init(from lower: Double, through upper: Double) {
        (self.lower, self.includesLower, self.upper) = (lower, true, upper)
    }

    /// Creates a range that excludes its lower bound.
    ///
    /// - Parameters:
    ///   - lower: The largest value that is too small.
    ///   - upper: The largest allowed value.
    public init(above lower: Double, through upper: Double) {
        (self.lower, self.includesLower, self.upper) = (lower, false, upper)
    }

    /// Returns a Boolean value that indicates whether a value is allowed; `false` for NaN.
    public func contains(_ value: Double) -> Bool {
        (self.includesLower ? value >= self.lower : value > self.lower) && value <= self.upper
    }

    /// The range in words: `from 0 to 1`, or `above 0 and at most 60`.
    func words(_ format: (Double) -> String) -> String {
        let (lower, upper) = (format(self.lower), format(self.upper))
        return self.includesLower ? "from \(lower) to \(upper)" : "above \(lower) and at most \(upper)"
    }
}
