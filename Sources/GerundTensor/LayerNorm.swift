/// Layer normalization: each row is normalized over its columns, then scaled and shifted (`torch.nn.LayerNorm`,
/// arXiv:1607.06450).
public struct LayerNorm: Sendable {
    private let weight: Matrix
    private let bias: Matrix
    private let epsilon: Float
    private let kernels: Kernels

    /// Creates a layer from the tensors `weight` and `bias` of a scope, each of shape `[size]`.
    ///
    /// - Parameters:
    ///   - scope: The scope of the layer.
    ///   - size: The number of columns.
    ///   - epsilon: The value added to the variance for numerical stability.
    /// - Throws: ``WeightError`` if a tensor is missing, or has another shape or type.
    public init(
        _ scope: ParameterScope<some WeightSource>, size: Int, epsilon: Float
    ) throws(WeightError) {
        self.weight = try scope.vector("weight", count: size)
        self.bias = try scope.vector("bias", count: size)
        self.epsilon = epsilon
        self.kernels = scope.backend.kernels
    }

    /// Writes the normalized rows of a matrix to another one, which may be the same.
    ///
    /// - Parameters:
    ///   - x: `[rows, size]`.
    ///   - out: `[rows, size]`.
    public func apply(to x: MatrixView, into out: consuming MutableMatrixView) {
        self.kernels.layerNorm(x, weight: self.weight.view, bias: self.bias.view, epsilon: self.epsilon, into: out)
    }

    /// Writes the normalized rows of a matrix to the input of a linear layer, and converts them to the layer's
    /// element type.
    ///
    /// - Parameters:
    ///   - x: `[rows.count, size]`.
    ///   - out: The input, `size` columns.
    ///   - rows: The rows of `out` to write.
    public func apply(to x: MatrixView, into out: LinearInput, rows: Range<Int>) {
        precondition(x.rows == rows.count, "expected \(rows.count) rows, found \(x.rows)")
        self.kernels.layerNorm(
            x, weight: self.weight.view, bias: self.bias.view, epsilon: self.epsilon, into: out.stagingRows(rows)
        ) { done in
            out.convertOnCurrentThread(rows.lowerBound + done.lowerBound..<rows.lowerBound + done.upperBound)
        }
    }

    /// Returns the normalized rows of a matrix in a new buffer.
    public func callAsFunction(_ x: MatrixView) -> MatrixBuffer {
        var out = MatrixBuffer(rows: x.rows, columns: x.columns)
        self.apply(to: x, into: out.mutableView)
        return out
    }
}
