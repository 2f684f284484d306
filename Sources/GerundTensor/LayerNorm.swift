/// Layer normalization: each row is normalized over its columns, then scaled and shifted (`torch.nn.LayerNorm`,
/// arXiv:1607.06450).
public struct LayerNorm: Sendable {
    private let weight: Matrix
    private let bias: Matrix
    private let epsilon: Float
    private let kernels: Kernels

    /// Reads `NAME.weight` and `NAME.bias`, `[size]`.
    ///
    /// - Parameters:
    ///   - weights: The scope of the layer, `NAME`.
    ///   - size: The number of columns.
    ///   - epsilon: The number that is added to the variance.
    /// - Throws: ``WeightError`` if a tensor is missing, or has another shape or type.
    public init(
        _ weights: ParameterScope<some WeightSource>, size: Int, epsilon: Float
    ) throws(WeightError) {
        self.weight = try weights.vector("weight", count: size)
        self.bias = try weights.vector("bias", count: size)
        self.epsilon = epsilon
        self.kernels = weights.backend.kernels
    }

    /// Writes the normalized rows of a matrix to another one, which may be the same.
    ///
    /// - Parameters:
    ///   - x: `[rows, size]`.
    ///   - out: `[rows, size]`.
    public func apply(to x: MatrixView, into out: consuming MutableMatrixView) {
        self.kernels.layerNorm(x, weight: self.weight.view, bias: self.bias.view, epsilon: self.epsilon, into: out)
    }

    /// Writes the normalized rows of a matrix to the input of a linear layer, quantized for it.
    ///
    /// - Parameters:
    ///   - x: `[rows.count, size]`.
    ///   - out: The input, `size` columns.
    ///   - rows: The rows of `out` to write.
    public func apply(to x: MatrixView, into out: LinearInput, rows: Range<Int>) {
        precondition(x.rows == rows.count, "\(x.rows) rows into \(rows.count)")
        self.kernels.layerNorm(
            x, weight: self.weight.view, bias: self.bias.view, epsilon: self.epsilon, into: out.stagingRows(rows)
        ) { done in
            out.quantizeOnCurrentThread(rows.lowerBound + done.lowerBound..<rows.lowerBound + done.upperBound)
        }
    }

    /// Returns the normalized rows of a matrix in a new buffer.
    public func callAsFunction(_ x: MatrixView) -> MatrixBuffer {
        var out = MatrixBuffer(rows: x.rows, columns: x.columns)
        self.apply(to: x, into: out.mutableView)
        return out
    }
}
