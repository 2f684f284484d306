import CFFmpeg
import Dispatch
import GerundCore
import Synchronization

/// A deadline and a cancellation flag that libav checks while it blocks (`AVIOInterruptCB`).
///
/// One thread blocks; any thread may cancel. Cancellation is permanent.
final class InterruptToken: Sendable {
    enum Reason: Hashable {
        case cancelled, timedOut
    }

    private let cancelled = Atomic(false)
    /// Monotonic nanoseconds; `Int64.max` for no deadline.
    private let deadline = Atomic(Int64.max)
    private let wake = DispatchSemaphore(value: 0)

    /// Interrupts the current operation and all later ones.
    func cancel() {
        self.cancelled.store(true, ordering: .releasing)
        self.wake.signal()
    }

    var isCancelled: Bool { self.cancelled.load(ordering: .acquiring) }

    /// Sets the deadline of the following operations, replacing the previous one.
    ///
    /// - Parameter timeout: The time until the deadline.
    func setDeadline(after timeout: Duration) {
        let (sum, overflow) = Self.now.addingReportingOverflow(timeout.truncatedNanoseconds)
        self.deadline.store(overflow ? .max : sum, ordering: .relaxed)
    }

    /// The reason why the operation must end; `nil` while it may continue.
    var reason: Reason? {
        if self.isCancelled { return .cancelled }
        return Self.now >= self.deadline.load(ordering: .relaxed) ? .timedOut : nil
    }

    /// Blocks the thread for a duration or until cancelled.
    ///
    /// - Parameter duration: How long to block. The deadline has no effect.
    /// - Returns: `false` if cancelled.
    @discardableResult
    func sleep(for duration: Duration) -> Bool {
        let end = DispatchTime.now() + .nanoseconds(Int(clamping: min(duration.truncatedNanoseconds, 1 << 60)))
        // Only cancellation signals the semaphore; it may hold a signal from an earlier one.
        while !self.isCancelled {
            if self.wake.wait(timeout: end) == .timedOut { break }
        }
        return !self.isCancelled
    }

    private static var now: Int64 { Int64(clamping: DispatchTime.now().uptimeNanoseconds) }
}

extension InterruptToken {
    /// Installs this token as the interrupt callback of a context.
    ///
    /// The callback holds no reference: the owner of `context` must keep the token alive until the context is closed.
    func install(in context: UnsafeMutablePointer<AVFormatContext>) {
        unsafe context.pointee.interrupt_callback.opaque = Unmanaged.passUnretained(self).toOpaque()
        unsafe context.pointee.interrupt_callback.callback = { opaque in
            guard let opaque = unsafe opaque else { return 0 }
            return unsafe Unmanaged<InterruptToken>.fromOpaque(opaque).takeUnretainedValue().reason == nil ? 0 : 1
        }
    }
}
