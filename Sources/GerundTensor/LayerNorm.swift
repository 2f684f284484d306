/// Normalisation of each row over its columns (`torch.nn.LayerNorm`).
public struct LayerNorm: Sendable {
    private let weight: Matrix
    private let bias: Matrix
    private let epsilon: Float
    private let kernels: Kernels

    /// Reads `NAME.weight` and `NAME.bias`, `[size]`.
    public init(
        _ weights: WeightScope<some WeightSource>, size: Int, epsilon: Float
    ) throws(WeightError) {
        self.weight = try weights.vector("weight", count: size)
        self.bias = try weights.vector("bias", count: size)
        self.epsilon = epsilon
        self.kernels = weights.backend.kernels
    }

    /// - Parameters:
    ///   - x: `[rows, size]`.
    ///   - out: `[rows, size]`.
    public func apply(to x: MatrixView, into out: consuming MutableMatrixView) {
        self.kernels.layerNorm(x, weight: self.weight.view, bias: self.bias.view, epsilon: self.epsilon, into: out)
    }

    /// The normalised rows of `x`, `[rows, size]`, into rows of a product's operand.
    public func apply(to x: MatrixView, into out: Operand, rows: Range<Int>) {
        precondition(x.rows == rows.count, "\(x.rows) rows into \(rows.count)")
        self.kernels.layerNorm(
            x, weight: self.weight.view, bias: self.bias.view, epsilon: self.epsilon, into: out.staged(rows)
        ) { done in
            out.convert(rows.lowerBound + done.lowerBound..<rows.lowerBound + done.upperBound)
        }
    }

    /// The normalised rows of `x`, in a buffer of their own.
    public func callAsFunction(_ x: MatrixView) -> MatrixBuffer {
        var out = MatrixBuffer(rows: x.rows, columns: x.columns)
        self.apply(to: x, into: out.mutableView)
        return out
    }
}
