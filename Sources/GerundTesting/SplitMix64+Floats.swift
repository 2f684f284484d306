public import GerundCore

extension SplitMix64 {
    /// Returns numbers spread evenly over `-magnitude...magnitude`.
    ///
    /// - Parameters:
    ///   - count: The number of elements.
    ///   - magnitude: The maximum absolute value.
    /// - Returns: The next numbers of the sequence.
    public mutating func floats(_ count: Int, magnitude: Float = 1) -> [Float] {
        (0..<count).map { _ in Float.random(in: -magnitude...magnitude, using: &self) }
    }
}
