/// What multiplies activations by weights, and how weights are stored for it.
///
/// An engine brings its own packing and precision. ``ReferenceEngine`` is what every other is tested against.
public protocol MatrixEngine: Sendable {
    /// The name and, where it is known, version and precision, for the user to read.
    var name: String { get }

    /// The name and version of the library alone, without precision.
    var library: String { get }

    /// Prepares the weights of one linear layer, once, at load.
    ///
    /// - Parameters:
    ///   - weights: `[outputs, inputs]`.
    ///   - bias: `[1, outputs]`, or `nil`.
    ///   - kernels: The row kernels to use for what the engine can't fuse.
    func pack(weights: Matrix, bias: Matrix?, kernels: Kernels) -> any PackedLinear
}

/// The weights of one linear layer in an engine's own form.
public protocol PackedLinear: Sendable {
    /// How the layer wants its activations.
    var format: NumberFormat { get }

    /// Whether an operand's rows should be padded; oneDNN has no fast product for rows with gaps.
    var padsRows: Bool { get }

    /// The same layer, which fetches another one's weights from memory while it computes, where the engine can.
    ///
    /// - Parameter later: Of the same kind of engine, or it is ignored; one whose own products are too small to hide that
    ///   its weights come from memory.
    func fetching(_ later: any PackedLinear) -> any PackedLinear

    /// `out = epilogue(x * weights^T + bias)`.
    ///
    /// - Parameters:
    ///   - x: `[rows, inputs]`.
    ///   - out: `[rows, outputs]`; never overlaps `x`.
    func apply(to x: MatrixView, then epilogue: Epilogue, into out: consuming MutableMatrixView)

    /// The same from activations that are in the layer's format already.
    ///
    /// - Parameter rows: Which of the operand's.
    func apply(to x: Operand, rows: Range<Int>, then epilogue: Epilogue, into out: consuming MutableMatrixView)

    /// The same into another layer's operand, where the result is committed.
    func apply(to x: Operand, rows: Range<Int>, then epilogue: Epilogue, into out: Operand, outRows: Range<Int>)
}

extension PackedLinear {
    public var padsRows: Bool { false }

    public func fetching(_ later: any PackedLinear) -> any PackedLinear { self }

    public func apply(to x: Operand, rows: Range<Int>, then epilogue: Epilogue, into out: Operand, outRows: Range<Int>)
    {
        self.apply(to: x, rows: rows, then: epilogue, into: out.staged(outRows))
        out.commit(outRows)
    }
}

/// A layer that takes floats as they are.
protocol FloatLinear: PackedLinear {}

extension FloatLinear {
    var format: NumberFormat { .f32 }

    func apply(to x: Operand, rows: Range<Int>, then epilogue: Epilogue, into out: consuming MutableMatrixView) {
        self.apply(to: x.floats(rows), then: epilogue, into: out)
    }
}

/// What happens to the result of a linear layer before it is stored; an engine may fuse it.
public enum Epilogue: Sendable {
    /// The result replaces what was there.
    case store
    /// The activation of the result replaces what was there.
    case activate(Activation)
    /// The result is added to what was there: a residual connection.
    case accumulate
}
