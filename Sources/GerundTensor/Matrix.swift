/// An immutable matrix: a weight, or a result that is kept.
///
/// A value that is cheap to copy, since copies share their elements, and safe to send across threads. Row-major,
/// without gaps, on a 64-byte boundary.
public struct Matrix: Sendable {
    private let storage: AlignedStorage
    /// The number of rows.
    public let rows: Int
    /// The number of elements per row.
    public let columns: Int

    /// Takes over a buffer's elements without copying them.
    public init(_ buffer: consuming MatrixBuffer) {
        self.rows = buffer.rows
        self.columns = buffer.columns
        self.storage = buffer.storage
    }

    /// Creates a matrix from its elements.
    ///
    /// - Parameters:
    ///   - rows: The number of rows.
    ///   - columns: The number of elements per row.
    ///   - elements: `[rows, columns]`, row-major.
    public init(rows: Int, columns: Int, elements: [Float]) {
        precondition(elements.count == rows * columns, "\(elements.count) elements in [\(rows), \(columns)]")
        var buffer = MatrixBuffer(rows: rows, columns: columns)
        var span = buffer.span
        for index in elements.indices { span[index] = elements[index] }
        self.init(buffer)
    }

    /// The whole matrix.
    public var view: MatrixView {
        @_lifetime(borrow self) get {
            let view = unsafe self.storage.view(rows: self.rows, columns: self.columns)
            return unsafe _overrideLifetime(view, borrowing: self)
        }
    }

    /// A copy of all elements, row-major, for tests and small results.
    public var elements: [Float] { self.view.elements }

    /// Returns this matrix followed by the rows of another one with as many columns.
    public func appendingRows(of other: Matrix) -> Matrix {
        precondition(other.columns == self.columns, "\(other.columns) columns after \(self.columns)")
        var joined = MatrixBuffer(rows: self.rows + other.rows, columns: self.columns)
        joined.mutableView.rows(0..<self.rows).copy(from: self.view)
        joined.mutableView.rows(self.rows..<self.rows + other.rows).copy(from: other.view)
        return Matrix(joined)
    }

    /// Returns some rows of this matrix, in any order.
    public func selectingRows(_ indices: [Int]) -> Matrix {
        var selected = MatrixBuffer(rows: indices.count, columns: self.columns)
        for (row, index) in indices.enumerated() {
            selected.mutableView.rows(row..<row + 1).copy(from: self.view.rows(index..<index + 1))
        }
        return Matrix(selected)
    }

    /// Returns the transposed matrix, `[columns, rows]`.
    public func transposed() -> Matrix {
        var buffer = MatrixBuffer(rows: self.columns, columns: self.rows)
        var transposed = buffer.span
        let view = self.view
        for row in 0..<self.rows {
            for column in 0..<self.columns { transposed[column * self.rows + row] = view[row, column] }
        }
        return Matrix(buffer)
    }
}
