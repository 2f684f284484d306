/// A matrix that is computed in again and again: one of the pieces of scratch memory that a stack of layers shares.
///
/// Unlike a ``MatrixBuffer`` it can be read and written through one constant reference, so a workspace can hand several
/// to one call; in exchange it is bound to one thread at a time (not `Sendable`) and can't become a ``Matrix``. Row-major,
/// without gaps, on a 64-byte boundary, zeros at first.
public final class ScratchMatrix {
    private let storage: AlignedStorage
    public let rows: Int
    public let columns: Int

    public init(rows: Int, columns: Int) {
        precondition(rows >= 0 && columns >= 0, "no matrix: [\(rows), \(columns)]")
        self.storage = AlignedStorage(count: rows * columns, zeroed: true, isReadInOrder: true)
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

    /// The whole matrix, to be written; what reads the same rows at the same time sees half-made results.
    public var mutableView: MutableMatrixView {
        @_lifetime(borrow self) get {
            let view = unsafe MutableMatrixView(
                base: self.storage.base, rows: self.rows, columns: self.columns, stride: self.columns)
            return unsafe _overrideLifetime(view, borrowing: self)
        }
    }

    /// All elements, row after row: a copy, for tests and small results.
    public var elements: [Float] { self.view.elements }

    /// Copies rows of another matrix of the same width over some of this one's.
    public func copy(_ sourceRows: Range<Int>, of source: ScratchMatrix, to rows: Range<Int>) {
        self.mutableView.rows(rows).copy(from: source.view.rows(sourceRows))
    }

    /// As ``copy(_:of:to:)``, a single row.
    public func copy(row: Int, of source: ScratchMatrix, to target: Int) {
        self.copy(row..<row + 1, of: source, to: target..<target + 1)
    }

    /// Copies all of another matrix of the same size.
    public func copy(from source: MatrixView) { self.mutableView.copy(from: source) }

    /// Makes every element 0.
    public func clear() { self.mutableView.clear() }
}
