/// A matrix with one owner, to be computed in: scratch memory, and what will become a ``Matrix``.
///
/// Row-major, without gaps, on a 64-byte boundary; zeros at first, unless it comes from a ``MatrixSlot``.
public struct MatrixBuffer: ~Copyable, Sendable {
    let storage: AlignedStorage
    public let rows: Int
    public let columns: Int

    public init(rows: Int, columns: Int) {
        self.init(rows: rows, columns: columns, zeroed: true)
    }

    init(rows: Int, columns: Int, zeroed: Bool) {
        precondition(rows >= 0 && columns >= 0, "no matrix: [\(rows), \(columns)]")
        self.init(AlignedStorage(count: rows * columns, zeroed: zeroed), rows: rows, columns: columns)
    }

    /// - Parameter storage: Of as many elements at least, which nobody else reads or writes.
    init(_ storage: AlignedStorage, rows: Int, columns: Int) {
        precondition(rows * columns <= storage.count, "[\(rows), \(columns)] in \(storage.count) elements")
        self.storage = storage
        self.rows = rows
        self.columns = columns
    }

    /// The whole matrix, to be read.
    public var view: MatrixView {
        @_lifetime(borrow self) get {
            let view = unsafe MatrixView(
                base: self.storage.base, rows: self.rows, columns: self.columns, stride: self.columns)
            return unsafe _overrideLifetime(view, borrowing: self)
        }
    }

    /// The whole matrix, to be written.
    public var mutableView: MutableMatrixView {
        @_lifetime(&self) mutating get {
            let view = unsafe MutableMatrixView(
                base: self.storage.base, rows: self.rows, columns: self.columns, stride: self.columns)
            return unsafe _overrideLifetime(view, mutating: &self)
        }
    }

    /// All elements, row after row, to be written.
    public var span: MutableSpan<Float> {
        @_lifetime(&self) mutating get { self.span(of: 0..<self.rows * self.columns) }
    }

    /// Some consecutive elements, to be written.
    @_lifetime(&self)
    mutating func span(of range: Range<Int>) -> MutableSpan<Float> {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.rows * self.columns, "elements \(range)")
        let span = unsafe MutableSpan(_unsafeStart: self.storage.base + range.lowerBound, count: range.count)
        return unsafe _overrideLifetime(span, mutating: &self)
    }
}
