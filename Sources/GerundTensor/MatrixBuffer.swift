/// A mutable matrix with a single owner: scratch memory, and results that become a ``Matrix``.
///
/// Row-major, without gaps, on a 64-byte boundary; zeros at first, unless it comes from a ``ReusableMatrix``.
public struct MatrixBuffer: ~Copyable, Sendable {
    let storage: AlignedStorage
    /// The number of rows.
    public let rows: Int
    /// The number of elements per row.
    public let columns: Int

    /// Creates a matrix of zeros.
    ///
    /// - Parameters:
    ///   - rows: The number of rows.
    ///   - columns: The number of elements per row.
    public init(rows: Int, columns: Int) {
        self.init(rows: rows, columns: columns, zeroed: true)
    }

    init(rows: Int, columns: Int, zeroed: Bool) {
        precondition(rows >= 0 && columns >= 0, "invalid shape [\(rows), \(columns)]")
        self.init(AlignedStorage(count: rows * columns, zeroed: zeroed), rows: rows, columns: columns)
    }

    // The storage has at least `rows * columns` elements, which nothing else reads or writes.
    init(_ storage: AlignedStorage, rows: Int, columns: Int) {
        precondition(rows * columns <= storage.count, "[\(rows), \(columns)] in \(storage.count) elements")
        self.storage = storage
        self.rows = rows
        self.columns = columns
    }

    /// The whole matrix, for reading.
    public var view: MatrixView {
        @_lifetime(borrow self) get {
            let view = unsafe self.storage.view(rows: self.rows, columns: self.columns)
            return unsafe _overrideLifetime(view, borrowing: self)
        }
    }

    /// The whole matrix, for writing.
    public var mutableView: MutableMatrixView {
        @_lifetime(&self) mutating get {
            let view = unsafe self.storage.mutableView(rows: self.rows, columns: self.columns)
            return unsafe _overrideLifetime(view, mutating: &self)
        }
    }

    /// All elements, row-major, for writing.
    public var span: MutableSpan<Float> {
        @_lifetime(&self) mutating get { self.span(of: 0..<self.rows * self.columns) }
    }

    /// Returns some consecutive elements, row-major, for writing.
    @_lifetime(&self)
    mutating func span(of range: Range<Int>) -> MutableSpan<Float> {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.rows * self.columns, "elements \(range)")
        let span = unsafe MutableSpan(_unsafeStart: self.storage.base + range.lowerBound, count: range.count)
        return unsafe _overrideLifetime(span, mutating: &self)
    }
}
