/// The difference between computed and expected values.
///
/// NaN differs infinitely from everything.
public struct TensorDifference: Sendable, CustomStringConvertible {
    /// The largest absolute difference.
    public let largest: Float
    /// The index of the first element with that difference; `nil` if there are no elements.
    public let index: Int?
    /// The largest absolute difference divided by the largest expected magnitude.
    public let relative: Float
    /// The cosine similarity of the two vectors.
    public let cosine: Double

    /// Compares two tensors of the same shape, flattened.
    ///
    /// Different counts differ infinitely.
    public init(_ actual: [Float], _ expected: [Float]) {
        guard actual.count == expected.count else {
            (self.largest, self.index, self.relative, self.cosine) = (.infinity, nil, .infinity, -1)
            return
        }
        var (largest, index, magnitude): (Float, Int?, Float) = (0, nil, 0)
        var (product, actualSquares, expectedSquares) = (0.0, 0.0, 0.0)
        for i in actual.indices {
            let (a, e) = (actual[i], expected[i])
            let difference = a.isNaN || e.isNaN ? .infinity : abs(a - e)
            if index == nil || difference > largest { (largest, index) = (difference, i) }
            magnitude = max(magnitude, abs(e))
            product += Double(a) * Double(e)
            actualSquares += Double(a) * Double(a)
            expectedSquares += Double(e) * Double(e)
        }
        self.largest = largest
        self.index = index
        self.relative = largest == 0 ? 0 : largest / magnitude
        self.cosine = product / (actualSquares * expectedSquares).squareRoot()
    }

    /// The largest difference, its index and the relative difference.
    public var description: String {
        "largest difference \(self.largest) at \(self.index.map(String.init) ?? "-"), relative \(self.relative)"
    }
}
