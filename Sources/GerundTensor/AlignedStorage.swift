/// Memory for floats on a 64-byte boundary: a cache line, and one vector of the widest kernels.
///
/// The only allocation behind ``Matrix``, ``MatrixBuffer``, ``ReusableMatrix``, ``ScratchMatrix``, ``LinearInput``,
/// ``KeyValueCache`` and packed weights; its pointer stays inside this module.
@safe
final class AlignedStorage: @unchecked Sendable {
    // Sendable: a `Matrix` and packed weights are immutable, a `MatrixBuffer` is noncopyable and has exclusive access
    // until it is converted into a `Matrix`, and a `ReusableMatrix` only hands out storage that it uniquely references.
    // `ScratchMatrix`, `LinearInput` and `KeyValueCache` aren't Sendable.

    let base: UnsafeMutablePointer<Float>
    let count: Int
    /// The mapping that holds the floats, if they are many.
    private let mapped: MappedMemory?

    /// - Parameters:
    ///   - count: The number of floats.
    ///   - zeroed: Whether the floats are zeros at first. They are undefined otherwise, for tensors that are read as a
    ///     whole, whose pages should not be touched before their sizes have been checked.
    ///   - usesHugePages: See ``MappedMemory``.
    init(count: Int, zeroed: Bool, usesHugePages: Bool = false) {
        precondition(count >= 0, "\(count) elements")
        let byteCount = max(count, 1) * MemoryLayout<Float>.stride
        self.count = count
        guard byteCount < MappedMemory.minimumByteCount else {
            let mapped = MappedMemory(byteCount: byteCount, usesHugePages: usesHugePages)
            unsafe self.base = mapped.base.bindMemory(to: Float.self, capacity: count)
            self.mapped = mapped
            return
        }
        let raw = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
        unsafe self.base = raw.bindMemory(to: Float.self, capacity: count)
        self.mapped = nil
        if zeroed { unsafe self.base.initialize(repeating: 0, count: count) }
    }

    deinit {
        if self.mapped == nil { unsafe self.base.deallocate() }
    }

    /// Returns the first floats as a matrix without gaps, for reading.
    ///
    /// Unsafe: the caller limits the view's lifetime to that of the storage.
    @unsafe
    @_lifetime(immortal)
    func view(rows: Int, columns: Int) -> MatrixView {
        unsafe MatrixView(base: self.base, rows: rows, columns: columns, stride: columns)
    }

    /// Returns the first floats as a matrix without gaps, for writing.
    ///
    /// Unsafe: the caller limits the view's lifetime to that of the storage, and guarantees exclusive access.
    @unsafe
    @_lifetime(immortal)
    func mutableView(rows: Int, columns: Int) -> MutableMatrixView {
        unsafe MutableMatrixView(base: self.base, rows: rows, columns: columns, stride: columns)
    }
}
