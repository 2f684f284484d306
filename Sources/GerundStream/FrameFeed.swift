import Dispatch
public import GerundCore
import Synchronization

/// The frames and changes of state of one source on their way to one consumer.
///
/// A fixed ring of pictures: capture scales into a slot in place, the consumer reads it in place. Nothing is
/// allocated per frame. One thread produces, and it may wait there; one task consumes, and it never blocks a
/// thread. What is dropped is counted and told in its place among the items.
public final class FrameFeed: Sendable {
    /// The form of every picture.
    public let picture: PictureFormat

    private struct State: Sendable {
        var machine: FeedMachine
        var consumer: CheckedContinuation<Void, Never>?
        var isProducerWaiting = false
        var isReading = false
    }

    private let state: Mutex<State>
    private let ring: FrameRing
    /// Signalled when a waiting producer should look again.
    private let room = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - picture: The form of every picture.
    ///   - capacity: How many frames may wait to be read. With ``FeedPolicy/dropOldest`` this bounds the delay.
    ///   - policy: What happens when they do.
    public init(picture: PictureFormat, capacity: Int, policy: FeedPolicy) {
        self.picture = picture
        self.state = Mutex(State(machine: FeedMachine(capacity: capacity, policy: policy)))
        self.ring = FrameRing(slots: FeedMachine.slotCount(capacity: capacity), byteCount: picture.byteCount)
    }

    // MARK: Producer

    /// Puts a frame into the feed; under ``FeedPolicy/wait`` blocks the thread until there is room.
    ///
    /// To be called by one thread, never by a task.
    ///
    /// - Parameter fill: Writes all bytes of the picture, rows of RGB triples. If it throws, nothing is offered.
    /// - Returns: `false` when the feed was closed or finished, and the frame therefore is nobody's.
    @discardableResult
    public func offer<E: Error>(
        _ frame: CapturedFrame, filling fill: (inout MutableSpan<UInt8>) throws(E) -> Void
    ) throws(E) -> Bool {
        guard let slot = self.waitForSlot() else { return false }
        do {
            try self.ring.fill(slot: slot, fill)
        } catch {
            self.state.withLock { $0.machine.abandonFill(slot: slot) }
            throw error
        }
        return self.change { state in
            state.machine.commitFill(slot: slot, frame: frame)
            return !state.machine.isClosed
        }
    }

    /// Changes what happens when the feed is full: what a source is may show only when it is open.
    public func adopt(_ policy: FeedPolicy) {
        self.state.withLock { $0.machine.policy = policy }
    }

    /// What happens when the feed is full.
    public var policy: FeedPolicy { self.state.withLock { $0.machine.policy } }

    /// Tells a change of state, in order with the frames. Never waits.
    public func post(_ state: SourceState) {
        self.change { $0.machine.post(state) }
    }

    /// Nothing more comes; what waits is still delivered.
    public func finish() {
        self.change { $0.machine.finish() }
        self.room.signal()
    }

    /// Adds to the counters of decoded and damaged pictures.
    public func count(decoded: Int = 0, damaged: Int = 0) {
        self.state.withLock { $0.machine.countDecoded(decoded, damaged: damaged) }
    }

    private func waitForSlot() -> Int? {
        while true {
            let fill = self.state.withLock { state in
                let fill = state.machine.beginFill()
                state.isProducerWaiting = fill == .wait
                return fill
            }
            switch fill {
            case .slot(let slot): return slot
            case .closed: return nil
            case .wait: self.room.wait()
            }
        }
    }

    /// Changes the state, then wakes the consumer outside the lock.
    @discardableResult
    private func change<R: Sendable>(_ body: (inout sending State) -> sending R) -> R {
        let (result, consumer) = self.state.withLock { state in
            let result = body(&state)
            return (result, state.consumer.take())
        }
        consumer?.resume()
        return result
    }

    // MARK: Consumer

    /// Waits for the next item and gives the picture of the last one back.
    ///
    /// To be called by one task at a time.
    ///
    /// - Returns: `nil` when the source has finished, the feed was closed, or the calling task is cancelled, even when
    ///   items wait.
    public nonisolated(nonsending) func next() async -> FeedItem? {
        // Also a feed that is never empty gives nothing to a task that is cancelled.
        while !Task.isCancelled {
            let (taken, wakesProducer) = self.state.withLock { state in
                precondition(!state.isReading, "the next frame was asked for while this one is being read")
                let taken = state.machine.take()
                let wakes = state.isProducerWaiting
                state.isProducerWaiting = false
                return (taken, wakes)
            }
            if wakesProducer { self.room.signal() }
            switch taken {
            case .item(let item): return item
            case .finished: return nil
            case .empty: await self.park()
            }
        }
        return nil
    }

    /// Lends the picture of the frame that ``next()`` returned last, `[height, width, 3]`.
    ///
    /// Calling it when the last item was no frame is a programmer's error.
    public func withPixels<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let slot = self.state.withLock { state in
            guard let slot = state.machine.lentSlot else { preconditionFailure("no frame is lent") }
            state.isReading = true
            return slot
        }
        defer { self.state.withLock { $0.isReading = false } }
        return try self.ring.read(slot: slot, body)
    }

    /// Nothing more is wanted: what waits is discarded, a waiting producer and a waiting consumer return.
    public func close() {
        self.change { $0.machine.close() }
        self.room.signal()
    }

    /// The feed's counters.
    ///
    /// - Parameter now: What the age of the oldest waiting frame is counted to.
    public func metrics(now: ContinuousClock.Instant = .now) -> FeedMetrics {
        self.state.withLock { state in
            var metrics = state.machine.metrics
            metrics.age = state.machine.oldestArrival.map { now - $0 }
            return metrics
        }
    }

    /// Suspends until something changed or the task is cancelled.
    private nonisolated(nonsending) func park() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isNeeded = self.state.withLock { state in
                    // A cancellation whose handler ran before this found nobody to wake; it shows here instead.
                    guard !Task.isCancelled, state.machine.isEmpty else { return false }
                    precondition(state.consumer == nil, "a feed has one consumer")
                    state.consumer = continuation
                    return true
                }
                if !isNeeded { continuation.resume() }
            }
        } onCancel: {
            self.change { _ in }
        }
    }
}
