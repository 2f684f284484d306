import Glibc

/// A large block of zeroed memory that is mapped from the system and unmapped when it is released.
///
/// Avoids heap fragmentation: `malloc` keeps freed blocks that lie between live ones, which after loading a model is as
/// much as its largest tensors. The owner is responsible for exclusive access.
@safe
final class MappedMemory {
    let base: UnsafeMutableRawPointer
    private let mapping: UnsafeMutableRawPointer
    private let mappedByteCount: Int

    /// The minimum size of a mapping; smaller blocks come from the allocator.
    static let minimumByteCount = 1 << 20
    private static let hugePage = 2 << 20

    /// - Parameters:
    ///   - byteCount: The size of the block.
    ///   - usesHugePages: Whether the block asks for transparent huge pages, for memory that is read in order: fewer
    ///     TLB misses, and the hardware prefetcher isn't interrupted at the boundaries of 4 KiB pages.
    init(byteCount: Int, usesHugePages: Bool = false) {
        let alignment = usesHugePages ? Self.hugePage : 0
        let count = byteCount + alignment
        let mapping = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
            preconditionFailure("out of memory: \(byteCount) bytes")
        }
        unsafe self.mapping = mapping
        self.mappedByteCount = count
        unsafe self.base = alignment == 0 ? mapping : mapping.alignedUp(toMultipleOf: alignment)
        // Whole huge pages only: the rest of the last one would be unused memory.
        let whole = byteCount / Self.hugePage * Self.hugePage
        if usesHugePages, whole > 0 { unsafe madvise(self.base, whole, MADV_HUGEPAGE) }
    }

    deinit { unsafe munmap(self.mapping, self.mappedByteCount) }
}
