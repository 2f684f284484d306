/// The two thresholds of a label: an event starts above the one and ends below the other.
public struct HysteresisThresholds: Sendable, Hashable {
    /// The smoothed score above which an event starts, in 0...1.
    ///
    /// At 1, none does.
    public var start: Double
    /// The smoothed score below which an event ends, in 0...1; not above ``start``.
    public var end: Double

    /// Creates a pair of thresholds.
    ///
    /// - Parameters:
    ///   - start: The start threshold.
    ///   - end: The end threshold; limited to `start`.
    public init(start: Double, end: Double) {
        self.start = start
        self.end = min(end, start)
    }
}
