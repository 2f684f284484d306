/// A linear layer: `y = x * weights^T + bias`, its weights packed for one engine (`torch.nn.Linear`).
public struct Linear: Sendable {
    public let inputs: Int
    public let outputs: Int
    private var packed: any PackedLinear
    private let kernels: Kernels

    /// - Parameters:
    ///   - weights: `[outputs, inputs]`.
    ///   - bias: `[1, outputs]`, or `nil`.
    public init(weights: Matrix, bias: Matrix?, backend: ComputeBackend) {
        precondition(bias.map { $0.columns == weights.rows && $0.rows == 1 } ?? true, "bias of \(weights.rows)")
        self.inputs = weights.columns
        self.outputs = weights.rows
        self.kernels = backend.kernels
        self.packed = backend.engine.pack(weights: weights, bias: bias, kernels: backend.kernels)
    }

    /// Reads `NAME.weight`, `[outputs, inputs]`, and, unless told otherwise, `NAME.bias`, `[outputs]`.
    public init(
        _ weights: WeightScope<some WeightSource>, inputs: Int, outputs: Int, bias: Bool = true
    ) throws(WeightError) {
        try self.init(joining: [weights], inputs: inputs, outputs: outputs, bias: bias)
    }

    /// Reads several layers of one input and one size as a single layer whose outputs stand side by side.
    ///
    /// - Parameters:
    ///   - parts: Where each part's `weight` and `bias` are.
    ///   - outputs: Of each part.
    public init<S>(
        joining parts: [WeightScope<S>], inputs: Int, outputs: Int, bias: Bool = true
    ) throws(WeightError) {
        precondition(!parts.isEmpty, "a layer of no parts")
        let weights = try WeightScope.stacked(parts, "weight", shape: [outputs, inputs], rows: outputs)
        let biases =
            bias ? try WeightScope.stacked(parts, "bias", shape: [outputs], rows: 1, sideBySide: true) : nil
        self.init(weights: weights, bias: biases, backend: parts[0].backend)
    }

    /// - Parameters:
    ///   - x: `[rows, inputs]`.
    ///   - epilogue: What to do with the result on its way to `out`.
    ///   - out: `[rows, outputs]`.
    public func apply(
        to x: MatrixView, then epilogue: Epilogue = .store, into out: consuming MutableMatrixView
    ) {
        precondition(
            x.columns == self.inputs && out.columns == self.outputs && out.rows == x.rows,
            "[\(x.rows), \(x.columns)] through [\(self.outputs), \(self.inputs)] into [\(out.rows), \(out.columns)]")
        self.packed.apply(to: x, then: epilogue, into: out)
    }

    /// The same layer, which fetches another one's weights from memory while it computes, where the engine can: a layer
    /// of so few rows that its time would go into waiting for them.
    public func fetching(_ later: Linear) -> Linear {
        var layer = self
        layer.packed = self.packed.fetching(later.packed)
        return layer
    }

    /// How the layer takes its activations.
    public var format: NumberFormat { self.packed.format }

    /// Memory for the layer's activations in the format that it takes them in.
    public func makeOperand(rows: Int) -> Operand {
        Operand(
            rows: rows, columns: self.inputs, format: self.packed.format, padsRows: self.packed.padsRows,
            kernels: self.kernels)
    }

    /// - Parameters:
    ///   - x: Made by ``makeOperand(rows:)`` of this layer or of one with as many inputs and the same format.
    ///   - rows: Which of its rows.
    ///   - out: As many rows, `[rows, outputs]`.
    public func apply(
        to x: Operand, rows: Range<Int>, then epilogue: Epilogue = .store, into out: consuming MutableMatrixView
    ) {
        precondition(
            x.columns == self.inputs && out.columns == self.outputs && out.rows == rows.count,
            "[\(rows), \(x.columns)] through [\(self.outputs), \(self.inputs)] into [\(out.rows), \(out.columns)]")
        self.packed.apply(to: x, rows: rows, then: epilogue, into: out)
    }

    /// - Parameters:
    ///   - out: The next layer's operand, whose rows of the same numbers are written and committed.
    public func apply(to x: Operand, rows: Range<Int>, then epilogue: Epilogue = .store, into out: Operand) {
        precondition(
            x.columns == self.inputs && out.columns == self.outputs,
            "[\(rows), \(x.columns)] through [\(self.outputs), \(self.inputs)] into \(out.columns)")
        self.packed.apply(to: x, rows: rows, then: epilogue, into: out, outRows: rows)
    }

    /// The layer's outputs for all rows of `x`, in a buffer of their own.
    public func callAsFunction(_ x: MatrixView) -> MatrixBuffer {
        var out = MatrixBuffer(rows: x.rows, columns: self.outputs)
        self.apply(to: x, into: out.mutableView)
        return out
    }
}
