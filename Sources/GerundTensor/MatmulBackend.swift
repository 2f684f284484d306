/// A matrix-multiplication backend: packs a layer's weights at load time and multiplies activations by them.
///
/// Every backend has its own packed form. All are tested against ``ReferenceMatmul``.
public protocol MatmulBackend: Sendable {
    /// The precision of the multiplications.
    var precision: Precision { get }

    /// The name and, if known, the version of the library.
    var libraryName: String { get }

    /// The number of threads that compute one multiplication, the calling one included.
    var threadCount: Int { get }

    /// Returns the weights of one linear layer, packed.
    ///
    /// - Parameters:
    ///   - weights: `[outputs, inputs]`.
    ///   - bias: `[1, outputs]`, or `nil`.
    ///   - kernels: The row kernels for what the backend can't fuse.
    /// - Returns: The packed layer.
    func pack(weights: Matrix, bias: Matrix?, kernels: Kernels) -> any PackedLinear
}

extension MatmulBackend {
    /// The library and the precision, for display.
    public var name: String { "\(self.libraryName) \(self.precision)" }
}

/// The packed weights of one linear layer.
public protocol PackedLinear: Sendable {
    /// The element type in which the layer reads its activations.
    var inputType: ElementType { get }

    /// A Boolean value that indicates whether the rows of an input should be padded to whole cache lines; oneDNN has no
    /// fast kernel for rows with gaps.
    var padsRows: Bool { get }

    /// Returns a copy of this layer that prefetches another one's weights during its own multiplication, if the backend
    /// supports it.
    ///
    /// - Parameter next: A layer of the same backend, otherwise it is ignored, whose own multiplications are too small
    ///   to hide the time of reading its weights from memory.
    /// - Returns: The copy, which computes the same results.
    func prefetching(_ next: any PackedLinear) -> any PackedLinear

    /// Writes `epilogue(x * weights^T + bias)` to a matrix.
    ///
    /// - Parameters:
    ///   - x: `[rows, inputs]`.
    ///   - epilogue: The operation on the result before it is stored.
    ///   - out: `[rows, outputs]`; doesn't overlap `x`.
    func apply(to x: MatrixView, epilogue: Epilogue, into out: consuming MutableMatrixView)

    /// Writes `epilogue(x * weights^T + bias)` for some rows of an input to a matrix.
    ///
    /// - Parameters:
    ///   - x: An input of the layer's element type.
    ///   - rows: The rows of the input.
    ///   - epilogue: The operation on the result before it is stored.
    ///   - out: `[rows.count, outputs]`.
    func apply(to x: LinearInput, rows: Range<Int>, epilogue: Epilogue, into out: consuming MutableMatrixView)

    /// Writes `epilogue(x * weights^T + bias)` for some rows of an input to another layer's input, converted to
    /// that layer's element type.
    ///
    /// - Parameters:
    ///   - x: An input of the layer's element type.
    ///   - rows: The rows of the input.
    ///   - epilogue: The operation on the result before it is stored.
    ///   - out: The other layer's input, with `outputs` columns.
    ///   - outRows: As many rows of `out`.
    func apply(to x: LinearInput, rows: Range<Int>, epilogue: Epilogue, into out: LinearInput, outRows: Range<Int>)
}

extension PackedLinear {
    /// `false`.
    public var padsRows: Bool { false }

    /// Returns this layer, which prefetches nothing.
    public func prefetching(_ next: any PackedLinear) -> any PackedLinear { self }

    /// Writes the result to the input as floats, then converts it.
    public func apply(
        to x: LinearInput, rows: Range<Int>, epilogue: Epilogue, into out: LinearInput, outRows: Range<Int>
    ) {
        self.apply(to: x, rows: rows, epilogue: epilogue, into: out.stagingRows(outRows))
        out.convert(outRows)
    }
}

/// A layer that reads float32 activations.
protocol FloatLinear: PackedLinear {}

extension FloatLinear {
    var inputType: ElementType { .float32 }

    func apply(to x: LinearInput, rows: Range<Int>, epilogue: Epilogue, into out: consuming MutableMatrixView) {
        self.apply(to: x.floatRows(rows), epilogue: epilogue, into: out)
    }
}

/// The operation on the result of a linear layer before it is stored.
///
/// Backends may fuse it into the multiplication.
public enum Epilogue: Sendable {
    /// Stores the result.
    case store
    /// Stores the activation of the result.
    case activate(Activation)
    /// Adds the result to the values in place: a residual connection.
    case accumulate
}
