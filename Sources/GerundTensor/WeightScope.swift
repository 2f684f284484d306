/// A part of a checkpoint, named by a prefix: what a layer is given to build itself from.
///
/// It also carries the backend that the layers are built for, so that a model names it once.
public struct WeightScope<Source: WeightSource>: Sendable {
    public let backend: ComputeBackend
    private let source: Source
    /// Ends with a dot, or is empty.
    private let prefix: String

    public init(_ source: Source, backend: ComputeBackend) {
        self.init(source, prefix: "", backend: backend)
    }

    private init(_ source: Source, prefix: String, backend: ComputeBackend) {
        self.source = source
        self.prefix = prefix
        self.backend = backend
    }

    /// The part whose names continue with `name` and a dot.
    public func scoped(_ name: String) -> WeightScope {
        WeightScope(self.source, prefix: "\(self.prefix)\(name).", backend: self.backend)
    }

    /// The same part, of which tensors are checked but not read, for layers that are thrown away.
    public var unread: WeightScope<UnreadWeights<Source>> {
        // An engine that leaves weights as they are, since those are not even set.
        WeightScope<UnreadWeights<Source>>(
            UnreadWeights(source: self.source), prefix: self.prefix,
            backend: ComputeBackend(kernels: self.backend.kernels, engine: OpenBLASEngine()))
    }

    /// The same part, for layers that stand a lower precision than others.
    public var robust: WeightScope { WeightScope(self.source, prefix: self.prefix, backend: self.backend.robust) }

    /// Reads one tensor.
    ///
    /// - Parameters:
    ///   - name: Within this part.
    ///   - shape: What the checkpoint must hold, slowest axis first.
    ///   - rows: How the elements are laid out here: `rows` divides their number.
    public func matrix(_ name: String, shape: [Int], rows: Int) throws(WeightError) -> Matrix {
        try Self.stacked([self], name, shape: shape, rows: rows)
    }

    /// Reads some rows of a matrix, in any order and as often as they are named.
    ///
    /// - Parameters:
    ///   - shape: Of the whole matrix, `[rows, columns]`.
    ///   - rows: Each below the matrix's number of rows.
    public func rows(
        _ rows: some Collection<Int32>, of name: String, shape: (rows: Int, columns: Int)
    ) throws(WeightError) -> MatrixBuffer {
        var buffer = MatrixBuffer(rows: rows.count, columns: shape.columns, zeroed: false)
        // Also for no rows at all, the tensor is checked.
        var nothing = buffer.span(of: 0..<0)
        try self.source.read(self.prefix + name, shape: [shape.rows, shape.columns], from: 0, into: &nothing)
        for (number, row) in rows.enumerated() {
            precondition(row >= 0 && row < shape.rows, "row \(row) of \(shape.rows)")
            var values = buffer.span(of: number * shape.columns..<(number + 1) * shape.columns)
            try self.source.read(
                self.prefix + name, shape: [shape.rows, shape.columns], from: Int(row) * shape.columns, into: &values)
        }
        return buffer
    }

    /// Reads a vector, `[count]`, as one row.
    public func vector(_ name: String, count: Int) throws(WeightError) -> Matrix {
        try self.matrix(name, shape: [count], rows: 1)
    }

    /// Reads a tensor without axes.
    public func scalar(_ name: String) throws(WeightError) -> Float {
        try self.matrix(name, shape: [], rows: 1).elements[0]
    }

    /// Reads a tensor of the same name and shape from several parts, one below the other, or side by side where each
    /// is a single row.
    static func stacked(
        _ parts: [WeightScope], _ name: String, shape: [Int], rows: Int, sideBySide: Bool = false
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
