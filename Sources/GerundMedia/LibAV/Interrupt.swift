import CFFmpeg
import Dispatch
import GerundCore
import Synchronization

/// The way out of a blocking operation: a deadline and a cancellation that libav looks at while it waits.
///
/// One thread blocks; any thread may cancel. A cancellation is for ever.
final class Interrupt: Sendable {
    enum Reason: Hashable {
        case cancelled, timedOut
    }

    private let cancelled = Atomic(false)
    /// Monotonic nanoseconds; `Int64.max` for none.
    private let deadline = Atomic(Int64.max)
    private let wake = DispatchSemaphore(value: 0)

    /// Ends whatever the thread is doing.
    func cancel() {
        self.cancelled.store(true, ordering: .releasing)
        self.wake.signal()
    }

    var isCancelled: Bool { self.cancelled.load(ordering: .acquiring) }

    /// Gives the operations that follow so much time, until armed again.
    func arm(_ timeout: Duration) {
        let (sum, overflow) = Self.now.addingReportingOverflow(timeout.wholeNanoseconds)
        self.deadline.store(overflow ? .max : sum, ordering: .relaxed)
    }

    /// Why the operation has to end; `nil` while it may go on.
    var reason: Reason? {
        if self.isCancelled { return .cancelled }
        return Self.now >= self.deadline.load(ordering: .relaxed) ? .timedOut : nil
    }

    /// Waits for so long, or until cancelled.
    ///
    /// - Returns: `false` when cancelled.
    @discardableResult
    func pause(_ duration: Duration) -> Bool {
        let end = DispatchTime.now() + .nanoseconds(Int(clamping: min(duration.wholeNanoseconds, 1 << 60)))
        // The semaphore is signalled by cancellation only, but may hold a signal from then.
        while !self.isCancelled {
            if self.wake.wait(timeout: end) == .timedOut { break }
        }
        return !self.isCancelled
    }

    private static var now: Int64 { Int64(clamping: DispatchTime.now().uptimeNanoseconds) }
}

extension Interrupt {
    /// Makes libav ask this interrupt.
    ///
    /// The callback keeps no reference: whoever owns `context` keeps the interrupt alive until it is closed.
    func install(in context: UnsafeMutablePointer<AVFormatContext>) {
        unsafe context.pointee.interrupt_callback.opaque = Unmanaged.passUnretained(self).toOpaque()
        unsafe context.pointee.interrupt_callback.callback = { opaque in
            guard let opaque = unsafe opaque else { return 0 }
            return unsafe Unmanaged<Interrupt>.fromOpaque(opaque).takeUnretainedValue().reason == nil ? 0 : 1
        }
    }
}
