/// Rows that are kept for many passes, `[rows, columns]`: floats or, for half the memory, bfloat16.
///
/// Written a few rows at a time from floats; what reads them is attention. Bound to one thread at a time, hence not
/// `Sendable`.
@safe
public final class KeptRows {
    public let rows: Int
    public let columns: Int
    let isBFloat16: Bool
    let base: UnsafeMutableRawPointer
    private let storage: AlignedStorage

    private init(_ storage: AlignedStorage, floatOffset: Int, rows: Int, columns: Int, isBFloat16: Bool) {
        self.storage = storage
        unsafe self.base = UnsafeMutableRawPointer(storage.base + floatOffset)
        self.rows = rows
        self.columns = columns
        self.isBFloat16 = isBFloat16
    }

    /// Several of one size, one behind the other in memory.
    ///
    /// - Parameter format: Of the products whose results are kept: where these round what they take, so may this.
    public static func stack(of count: Int, rows: Int, columns: Int, for format: NumberFormat) -> [KeptRows] {
        precondition(count >= 0 && rows >= 0 && columns >= 0, "no rows: \(count) of [\(rows), \(columns)]")
        let (line, isBFloat16) = (16, format != .f32)
        let elements = rows * columns
        let floats = isBFloat16 ? (elements + 1) / 2 : elements
        let size = (floats + line - 1) / line * line
        let storage = AlignedStorage(count: count * size, zeroed: true, isReadInOrder: true)
        return (0..<count).map {
            KeptRows(storage, floatOffset: $0 * size, rows: rows, columns: columns, isBFloat16: isBFloat16)
        }
    }

    /// What they occupy.
    public var byteCount: Int { self.rows * self.columns * (self.isBFloat16 ? 2 : MemoryLayout<Float>.stride) }

    /// Copies rows of another matrix of the same width over the rows from `first` on.
    public func copy(_ source: MatrixView, to first: Int, _ kernels: Kernels) {
        precondition(
            source.columns == self.columns && first >= 0 && first + source.rows <= self.rows,
            "[\(source.rows), \(source.columns)] to row \(first) of [\(self.rows), \(self.columns)]")
        let element = first * self.columns
        if self.isBFloat16 {
            unsafe kernels.convertToBFloat16(
                source, into: self.base.assumingMemoryBound(to: UInt16.self) + element,
                byteStride: self.columns * MemoryLayout<UInt16>.stride, isShared: true)
        } else {
            let floats = unsafe self.base.assumingMemoryBound(to: Float.self) + element
            kernels.copy(
                source,
                to: unsafe MutableMatrixView(
                    base: floats, rows: source.rows, columns: self.columns, stride: self.columns))
        }
    }
}
