/// The memory of one result of a repeated computation.
///
/// It is reused once the previous result has been released, so that the steps of a stream don't allocate it each time.
public struct ReusableMatrix: Sendable {
    private var storage: AlignedStorage?

    /// Creates a value without memory.
    public init() {}

    /// Returns a buffer for the next result.
    ///
    /// - Parameters:
    ///   - rows: The number of rows.
    ///   - columns: The number of elements per row.
    /// - Returns: `[rows, columns]` with arbitrary elements, such as those of the last result: the caller writes every
    ///   one of them.
    public mutating func buffer(rows: Int, columns: Int) -> MatrixBuffer {
        precondition(rows >= 0 && columns >= 0, "invalid shape [\(rows), \(columns)]")
        let count = rows * columns
        if isKnownUniquelyReferenced(&self.storage), let storage = self.storage, storage.count >= count {
            return MatrixBuffer(storage, rows: rows, columns: columns)
        }
        let storage = AlignedStorage(count: count, zeroed: false, usesHugePages: true)
        self.storage = storage
        return MatrixBuffer(storage, rows: rows, columns: columns)
    }
}
