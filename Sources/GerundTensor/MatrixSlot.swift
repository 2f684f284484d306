/// The place of one result of a computation that is repeated: its memory is used again once nobody holds the last
/// result any more, so that the steps of a stream don't allocate it anew.
public struct MatrixSlot: Sendable {
    private var storage: AlignedStorage?

    public init() {}

    /// Room for the next result. What the last one left is still in it: every element is to be written.
    public mutating func buffer(rows: Int, columns: Int) -> MatrixBuffer {
        precondition(rows >= 0 && columns >= 0, "no matrix: [\(rows), \(columns)]")
        let count = rows * columns
        if isKnownUniquelyReferenced(&self.storage), let storage = self.storage, storage.count >= count {
            return MatrixBuffer(storage, rows: rows, columns: columns)
        }
        let storage = AlignedStorage(count: count, zeroed: false, isReadInOrder: true)
        self.storage = storage
        return MatrixBuffer(storage, rows: rows, columns: columns)
    }
}
