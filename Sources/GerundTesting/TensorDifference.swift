/// How far some computed values are from the expected ones. NaN is infinitely far from everything.
public struct TensorDifference: Sendable, CustomStringConvertible {
    /// The largest absolute difference.
    public let largest: Float
    /// Where that is; `nil` when there are no elements.
    public let index: Int?
    /// The largest absolute difference over the largest expected magnitude.
    public let relative: Float
    /// The cosine of the angle between the two as vectors.
    public let cosine: Double

    /// Different counts are infinitely far apart.
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

    public var description: String {
        "largest difference \(self.largest) at \(self.index.map(String.init) ?? "-"), relative \(self.relative)"
    }
}
