/// A cache of the keys and values of one attention layer, `[rows, columns]`: float32 or, for half the memory, bfloat16.
///
/// Rows are written a few at a time from floats, and read by ``MultiHeadAttention``. A cache may be used by one thread
/// at a time, so it isn't `Sendable`.
@safe
public final class KeyValueCache {
    /// The number of rows, one per token.
    public let rows: Int
    /// The number of elements per row: a key, then its value.
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

    /// Returns several caches of the same size, consecutive in memory.
    ///
    /// - Parameters:
    ///   - count: The number of caches.
    ///   - rows: The number of rows of each.
    ///   - columns: The number of elements per row.
    ///   - elementType: The element type that the layer multiplies: where the layer rounds its own activations to fewer
    ///     bits, its keys and values are cached as bfloat16.
    /// - Returns: The caches, filled with zeros.
    public static func makeCaches(
        count: Int, rows: Int, columns: Int, for elementType: ElementType
    ) -> [KeyValueCache] {
        precondition(count >= 0 && rows >= 0 && columns >= 0, "invalid size: \(count) of [\(rows), \(columns)]")
        let (cacheLineFloats, isBFloat16) = (16, elementType != .float32)
        let elements = rows * columns
        let floats = isBFloat16 ? (elements + 1) / 2 : elements
        let size = (floats + cacheLineFloats - 1) / cacheLineFloats * cacheLineFloats
        let storage = AlignedStorage(count: count * size, zeroed: true, usesHugePages: true)
        return (0..<count).map {
            KeyValueCache(storage, floatOffset: $0 * size, rows: rows, columns: columns, isBFloat16: isBFloat16)
        }
    }

    /// The size of the elements, in bytes.
    public var byteCount: Int { self.rows * self.columns * (self.isBFloat16 ? 2 : MemoryLayout<Float>.stride) }

    /// Copies rows into the cache, converted to its element type.
    ///
    /// - Parameters:
    ///   - source: Rows with as many columns as the cache.
    ///   - first: The row of the cache that takes the first of them.
    ///   - kernels: The kernels that copy and convert.
    public func copy(_ source: MatrixView, to first: Int, _ kernels: Kernels) {
        precondition(
            source.columns == self.columns && first >= 0 && first + source.rows <= self.rows,
            "[\(source.rows), \(source.columns)] to row \(first) of [\(self.rows), \(self.columns)]")
        let element = first * self.columns
        if self.isBFloat16 {
            unsafe kernels.convertToBFloat16(
                source, into: self.base.assumingMemoryBound(to: UInt16.self) + element,
                byteStride: self.columns * MemoryLayout<UInt16>.stride, isParallel: true)
        } else {
            let floats = unsafe self.base.assumingMemoryBound(to: Float.self) + element
            kernels.copy(
                source,
                to: unsafe MutableMatrixView(
                    base: floats, rows: source.rows, columns: self.columns, stride: self.columns))
        }
    }
}
