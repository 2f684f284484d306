/// Floats on a 64-byte boundary: a cache line, and one vector of the widest kernels.
///
/// The one allocation behind ``Matrix``, ``MatrixBuffer``, ``MatrixSlot``, ``ScratchMatrix``, ``Operand``,
/// ``KeptRows`` and packed weights; nothing outside this module sees its pointer.
@safe
final class AlignedStorage: @unchecked Sendable {
    // Sendable: what crosses threads is a `Matrix` or packed weights, which nobody writes, or a `MatrixBuffer`, which
    // is moved and alone reads and writes until it turns itself into a `Matrix`. A `MatrixSlot` hands out what nobody
    // else holds and never looks into it. `ScratchMatrix`, `Operand` and `KeptRows` are not Sendable.

    let base: UnsafeMutablePointer<Float>
    let count: Int
    /// Where the floats are, when there are many.
    private let mapped: MappedMemory?

    /// - Parameter zeroed: Without it the contents are undefined until written; for tensors read as a whole, whose
    ///   pages should not be touched before their sizes have been checked.
    /// - Parameter isReadInOrder: See ``MappedMemory``.
    init(count: Int, zeroed: Bool, isReadInOrder: Bool = false) {
        precondition(count >= 0, "\(count) elements")
        let byteCount = max(count, 1) * MemoryLayout<Float>.stride
        self.count = count
        guard byteCount < MappedMemory.leastCount else {
            let mapped = MappedMemory(byteCount: byteCount, isReadInOrder: isReadInOrder)
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
}
