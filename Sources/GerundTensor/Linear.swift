/// A linear layer, `y = x * weights^T + bias`, with its weights packed for one backend (`torch.nn.Linear`).
public struct Linear: Sendable {
    /// The number of inputs (`in_features`).
    public let inputFeatures: Int
    /// The number of outputs (`out_features`).
    public let outputFeatures: Int
    private var packed: any PackedLinear
    private let kernels: Kernels

    /// Packs the weights of a layer.
    ///
    /// - Parameters:
    ///   - weights: `[outputFeatures, inputFeatures]`.
    ///   - bias: `[1, outputFeatures]`, or `nil`.
    ///   - backend: The backend that computes the layer.
    public init(weights: Matrix, bias: Matrix?, backend: ComputeBackend) {
        precondition(bias.map { $0.columns == weights.rows && $0.rows == 1 } ?? true, "bias of \(weights.rows)")
        self.inputFeatures = weights.columns
        self.outputFeatures = weights.rows
        self.kernels = backend.kernels
        self.packed = backend.matmul.pack(weights: weights, bias: bias, kernels: backend.kernels)
    }

    /// Reads `NAME.weight`, `[outputFeatures, inputFeatures]`, and `NAME.bias`, `[outputFeatures]`.
    ///
    /// - Parameters:
    ///   - weights: The scope of the layer, `NAME`.
    ///   - inputFeatures: The number of inputs.
    ///   - outputFeatures: The number of outputs.
    ///   - bias: Whether the layer has a bias.
    /// - Throws: ``WeightError`` if a tensor is missing, or has another shape or type.
    public init(
        _ weights: ParameterScope<some WeightSource>, inputFeatures: Int, outputFeatures: Int, bias: Bool = true
    ) throws(WeightError) {
        try self.init(
            concatenating: [weights], inputFeatures: inputFeatures, outputFeatures: outputFeatures, bias: bias)
    }

    /// Reads several layers of the same input and size as a single layer with concatenated outputs.
    ///
    /// - Parameters:
    ///   - parts: The scope of each layer, with its `weight` and `bias`; at least one.
    ///   - inputFeatures: The number of inputs.
    ///   - outputFeatures: The number of outputs of each layer.
    ///   - bias: Whether the layers have a bias.
    /// - Throws: ``WeightError`` if a tensor is missing, or has another shape or type.
    public init<S>(
        concatenating parts: [ParameterScope<S>], inputFeatures: Int, outputFeatures: Int, bias: Bool = true
    ) throws(WeightError) {
        precondition(!parts.isEmpty, "expected at least one layer")
        let weights = try ParameterScope.stacked(
            parts, "weight", shape: [outputFeatures, inputFeatures], rows: outputFeatures)
        let biases =
            bias ? try ParameterScope.stacked(parts, "bias", shape: [outputFeatures], rows: 1, sideBySide: true) : nil
        self.init(weights: weights, bias: biases, backend: parts[0].backend)
    }

    /// Writes `epilogue(x * weights^T + bias)` to a matrix.
    ///
    /// - Parameters:
    ///   - x: `[rows, inputFeatures]`.
    ///   - epilogue: The operation on the result before it is stored.
    ///   - out: `[rows, outputFeatures]`.
    public func apply(
        to x: MatrixView, epilogue: Epilogue = .store, into out: consuming MutableMatrixView
    ) {
        self.check(rows: x.rows, columns: x.columns, outRows: out.rows, outColumns: out.columns)
        self.packed.apply(to: x, epilogue: epilogue, into: out)
    }

    /// Returns a copy of this layer that prefetches the packed weights of another one from memory during its own
    /// multiplication, if the backend supports it.
    ///
    /// - Parameter next: A layer that processes so few rows that it is memory-bound.
    /// - Returns: The copy, which computes the same results.
    public func prefetching(_ next: Linear) -> Linear {
        var layer = self
        layer.packed = self.packed.prefetching(next.packed)
        return layer
    }

    /// The element type in which the layer reads its activations.
    public var inputType: ElementType { self.packed.inputType }

    /// Returns a buffer for activations in the element type that the layer reads.
    ///
    /// - Parameter rows: The number of rows.
    /// - Returns: `[rows, inputFeatures]`.
    public func makeInput(rows: Int) -> LinearInput {
        LinearInput(
            rows: rows, columns: self.inputFeatures, elementType: self.packed.inputType, padsRows: self.packed.padsRows,
            kernels: self.kernels)
    }

    /// Writes `epilogue(x * weights^T + bias)` for some rows of an input to a matrix.
    ///
    /// - Parameters:
    ///   - x: An input made by ``makeInput(rows:)`` of this layer, or of one with as many inputs and the same element
    ///     type.
    ///   - rows: The rows of the input.
    ///   - epilogue: The operation on the result before it is stored.
    ///   - out: `[rows.count, outputFeatures]`.
    public func apply(
        to x: LinearInput, rows: Range<Int>, epilogue: Epilogue = .store, into out: consuming MutableMatrixView
    ) {
        self.check(rows: rows.count, columns: x.columns, outRows: out.rows, outColumns: out.columns)
        self.packed.apply(to: x, rows: rows, epilogue: epilogue, into: out)
    }

    /// Writes `epilogue(x * weights^T + bias)` for some rows of an input to the same rows of the next layer's input,
    /// converted to that layer's element type.
    ///
    /// - Parameters:
    ///   - x: An input made by ``makeInput(rows:)`` of this layer, or of one with as many inputs and the same element
    ///     type.
    ///   - rows: The rows of both inputs.
    ///   - epilogue: The operation on the result before it is stored.
    ///   - out: The next layer's input, `outputFeatures` columns.
    public func apply(
        to x: LinearInput, rows: Range<Int>, epilogue: Epilogue = .store, into out: LinearInput
    ) {
        self.check(rows: rows.count, columns: x.columns, outRows: rows.count, outColumns: out.columns)
        self.packed.apply(to: x, rows: rows, epilogue: epilogue, into: out, outRows: rows)
    }

    /// Returns the outputs for all rows of a matrix, `[rows, inputFeatures]`, in a new buffer.
    public func callAsFunction(_ x: MatrixView) -> MatrixBuffer {
        var out = MatrixBuffer(rows: x.rows, columns: self.outputFeatures)
        self.apply(to: x, into: out.mutableView)
        return out
    }

    private func check(rows: Int, columns: Int, outRows: Int, outColumns: Int) {
        precondition(
            columns == self.inputFeatures && outColumns == self.outputFeatures && outRows == rows,
            """
            [\(rows), \(columns)] through [\(self.outputFeatures), \(self.inputFeatures)] into [\(outRows), \(outColumns)]
            """)
    }
}
