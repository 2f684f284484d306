/// A fixed number of image buffers of one size, in a single allocation.
///
/// ``FrameFeedStateMachine`` decides who may access which slot. No pointer leaves this file.
@safe
struct FrameRing: ~Copyable, @unchecked Sendable {
    // Sendable: the pointer never changes, and slots are disjoint. A slot is written only between `beginFill` and
    // `commitFill` of the state machine, and read only while the consumer holds it; both are granted under one
    // lock, to one owner at a time.

    /// The size of one image, in bytes.
    let byteCount: Int
    private let storage: UnsafeMutableBufferPointer<UInt8>

    init(slots: Int, byteCount: Int) {
        precondition(slots > 0 && byteCount > 0, "invalid ring: \(slots) slots of \(byteCount) bytes")
        self.byteCount = byteCount
        unsafe self.storage = .allocate(capacity: slots * byteCount)
        unsafe self.storage.initialize(repeating: 0)
    }

    deinit { unsafe self.storage.deallocate() }

    /// Calls a closure that writes the image in `slot`, all ``byteCount`` bytes of it.
    func fill<E: Error>(slot: Int, _ fill: (inout MutableSpan<UInt8>) throws(E) -> Void) throws(E) {
        var pixels = unsafe MutableSpan(_unsafeElements: self.bytes(of: slot))
        try fill(&pixels)
    }

    /// Calls a closure with the image in `slot`.
    func read<R, E: Error>(slot: Int, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try body(unsafe Span(_unsafeElements: UnsafeBufferPointer(self.bytes(of: slot))))
    }

    private func bytes(of slot: Int) -> UnsafeMutableBufferPointer<UInt8> {
        unsafe UnsafeMutableBufferPointer(rebasing: self.storage[slot * self.byteCount..<(slot + 1) * self.byteCount])
    }
}
