/// A part of a checkpoint, named by a prefix, from which a layer reads its parameters.
///
/// It also carries the backend that the layers are built for, so that a model specifies it once.
public struct ParameterScope<Source: WeightSource>: Sendable {
    /// The backend of the layers that are built from this scope.
    public let backend: ComputeBackend
    private let source: Source
    /// Ends with a dot, or is empty.
    private let prefix: String

    /// Creates the scope of a whole checkpoint.
    ///
    /// - Parameters:
    ///   - source: The checkpoint.
    ///   - backend: The backend of the layers.
    public init(_ source: Source, backend: ComputeBackend) {
        self.init(source, prefix: "", backend: backend)
    }

    private init(_ source: Source, prefix: String, backend: ComputeBackend) {
        self.source = source
        self.prefix = prefix
        self.backend = backend
    }

    /// Returns the part of this scope whose names continue with `name` and a dot.
    public func scoped(_ name: String) -> ParameterScope {
        ParameterScope(self.source, prefix: "\(self.prefix)\(name).", backend: self.backend)
    }

    /// This scope with tensors that are validated but not read, for layers that are discarded.
    public var validationOnly: ParameterScope<ValidatingWeightSource<Source>> {
        // A backend that doesn't pack weights, since their elements are undefined.
        ParameterScope<ValidatingWeightSource<Source>>(
            ValidatingWeightSource(source: self.source), prefix: self.prefix,
            backend: ComputeBackend(kernels: self.backend.kernels, matmul: OpenBLASMatmul(threads: 1)))
    }

    /// This scope for layers that tolerate a lower precision than others, see ``Precision/int8``.
    public var quantizable: ParameterScope {
        ParameterScope(self.source, prefix: self.prefix, backend: self.backend.quantized)
    }

    /// Reads one tensor as a matrix.
    ///
    /// - Parameters:
    ///   - name: The tensor's name in this scope.
    ///   - shape: The expected shape in the checkpoint, slowest axis first.
    ///   - rows: The number of rows of the matrix; divides the number of elements.
    /// - Returns: The elements in the checkpoint's order.
    /// - Throws: ``WeightError`` if the tensor is missing, or has another shape or type.
    public func matrix(_ name: String, shape: [Int], rows: Int) throws(WeightError) -> Matrix {
        try Self.stacked([self], name, shape: shape, rows: rows)
    }

    /// Reads some rows of a matrix, in any order and with repetitions.
    ///
    /// - Parameters:
    ///   - rows: The indices of the rows.
    ///   - name: The tensor's name in this scope.
    ///   - shape: The shape of the whole matrix.
    /// - Returns: `[rows.count, shape.columns]`.
    /// - Throws: ``WeightError`` if the tensor is missing, or has another shape or type; also if no rows are requested.
    public func rows(
        _ rows: some Collection<Int32>, of name: String, shape: (rows: Int, columns: Int)
    ) throws(WeightError) -> MatrixBuffer {
        var buffer = MatrixBuffer(rows: rows.count, columns: shape.columns, zeroed: false)
        // Validates the tensor even if no rows are requested.
        var empty = buffer.span(of: 0..<0)
        try self.source.read(self.prefix + name, shape: [shape.rows, shape.columns], from: 0, into: &empty)
        for (number, row) in rows.enumerated() {
            precondition(row >= 0 && row < shape.rows, "row \(row) of \(shape.rows)")
            var values = buffer.span(of: number * shape.columns..<(number + 1) * shape.columns)
            try self.source.read(
                self.prefix + name, shape: [shape.rows, shape.columns], from: Int(row) * shape.columns, into: &values)
        }
        return buffer
    }

    /// Reads a vector, `[count]`, as a matrix of one row.
    ///
    /// - Parameters:
    ///   - name: The tensor's name in this scope.
    ///   - count: The expected number of elements.
    /// - Returns: `[1, count]`.
    /// - Throws: ``WeightError`` if the tensor is missing, or has another shape or type.
    public func vector(_ name: String, count: Int) throws(WeightError) -> Matrix {
        try self.matrix(name, shape: [count], rows: 1)
    }

    /// Reads a tensor without axes.
    ///
    /// - Parameter name: The tensor's name in this scope.
    /// - Returns: Its only element.
    /// - Throws: ``WeightError`` if the tensor is missing, or has another shape or type.
    public func scalar(_ name: String) throws(WeightError) -> Float {
        try self.matrix(name, shape: [], rows: 1).elements[0]
    }

    /// Reads a tensor of the same name and shape from several scopes: one below the other, or side by side if each is a
    /// single row.
    static func stacked(
        _ parts: [ParameterScope], _ name: String, shape: [Int], rows: Int, sideBySide: Bool = false
    ) throws(WeightError) -> Matrix {
        let count = shape.reduce(1, *)
        precondition(rows > 0 && count % rows == 0 && (rows == 1 || !sideBySide), "\(shape) as \(rows) rows")
        // Not zeroed: a wrong shape is found before the first page of a huge tensor is touched.
        var buffer =
            sideBySide
            ? MatrixBuffer(rows: 1, columns: count * parts.count, zeroed: false)
            : MatrixBuffer(rows: rows * parts.count, columns: count / rows, zeroed: false)
        for (index, part) in parts.enumerated() {
            var values = buffer.span(of: index * count..<(index + 1) * count)
            try part.source.read(part.prefix + name, shape: shape, into: &values)
        }
        return Matrix(buffer)
    }
}
