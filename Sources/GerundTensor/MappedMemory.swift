import Glibc

/// A large piece of memory straight from the system, zeros at first, which goes back as soon as it is let go.
///
/// The allocator would keep what is freed between pieces that stay: after loading a model, as much as its largest tensors.
/// Who may read and write, and from which thread, is the owner's matter.
@safe
final class MappedMemory {
    let base: UnsafeMutableRawPointer
    private let mapping: UnsafeMutableRawPointer
    private let mappedCount: Int

    /// Smaller pieces are the allocator's.
    static let leastCount = 1 << 20
    private static let hugePage = 2 << 20

    /// - Parameter isReadInOrder: Whether large pages are worth having: fewer look-ups of addresses, and none that stops
    ///   the processor's fetching ahead.
    init(byteCount: Int, isReadInOrder: Bool = false) {
        let alignment = isReadInOrder ? Self.hugePage : 0
        let count = byteCount + alignment
        let mapping = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
            preconditionFailure("no memory for \(byteCount) bytes")
        }
        unsafe self.mapping = mapping
        self.mappedCount = count
        unsafe self.base = alignment == 0 ? mapping : mapping.alignedUp(toMultipleOf: alignment)
        // Whole large pages only: the last one would otherwise take memory that nobody uses.
        let whole = byteCount / Self.hugePage * Self.hugePage
        if isReadInOrder, whole > 0 { unsafe madvise(self.base, whole, MADV_HUGEPAGE) }
    }

    deinit { unsafe munmap(self.mapping, self.mappedCount) }
}
