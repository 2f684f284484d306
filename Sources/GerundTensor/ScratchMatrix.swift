/// A reusable scratch matrix: a part of the memory that a stack of layers shares.
///
/// Unlike a ``MatrixBuffer`` it can be read and written through one constant reference, so that a workspace can pass
/// several to one call; in exchange it is bound to one thread at a time (not `Sendable`) and can't become a ``Matrix``.
/// Row-major, without gaps, on a 64-byte boundary, zeros at first.
public final class ScratchMatrix {
    private let storage: AlignedStorage
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
        precondition(rows >= 0 && columns >= 0, "invalid shape [\(rows), \(columns)]")
        self.storage = AlignedStorage(count: rows * columns, zeroed: true, usesHugePages: true)
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
    ///
    /// The caller doesn't read the same rows at the same time.
    public var mutableView: MutableMatrixView {
        @_lifetime(borrow self) get {
            let view = unsafe self.storage.mutableView(rows: self.rows, columns: self.columns)
            return unsafe _overrideLifetime(view, borrowing: self)
        }
    }

    /// A copy of all elements, row-major, for tests and small results.
    public var elements: [Float] { self.view.elements }

    /// Copies rows of another matrix with as many columns.
    ///
    /// - Parameters:
    ///   - sourceRows: The rows of `source`.
    ///   - source: The other matrix.
    ///   - rows: As many rows of this matrix, which are overwritten.
    public func copy(_ sourceRows: Range<Int>, of source: ScratchMatrix, to rows: Range<Int>) {
        self.mutableView.rows(rows).copy(from: source.view.rows(sourceRows))
    }

    /// Copies one row of another matrix with as many columns.
    ///
    /// - Parameters:
    ///   - row: The row of `source`.
    ///   - source: The other matrix.
    ///   - target: The row of this matrix, which is overwritten.
    public func copy(row: Int, of source: ScratchMatrix, to target: Int) {
        self.copy(row..<row + 1, of: source, to: target..<target + 1)
    }

    /// Copies another matrix of the same shape.
    public func copy(from source: MatrixView) { self.mutableView.copy(from: source) }

    /// Sets every element to 0.
    public func clear() { self.mutableView.clear() }
}
