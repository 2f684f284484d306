import Dispatch
public import GerundCore
import Synchronization

/// A bounded channel that carries the frames and changes of state of one source to one consumer.
///
/// The pixels live in a ring buffer of fixed size: the producer writes an image into a slot in place, and the consumer
/// reads it in place, so that nothing is allocated per frame. One thread produces, and it may block; one task consumes,
/// and it never blocks a thread. Dropped frames are counted, and a ``FeedItem/dropped(count:since:)`` takes their
/// position among the items.
public final class FrameFeed: Sendable {
    /// The format of every image.
    public let frameFormat: FrameFormat

    private struct State: Sendable {
        var machine: FrameFeedStateMachine
        var consumer: CheckedContinuation<Void, Never>?
        var isProducerWaiting = false
        var isReading = false
    }

    private let state: Mutex<State>
    private let ring: FrameRing
    /// Signaled when a blocked producer should try again.
    private let spaceAvailable = DispatchSemaphore(value: 0)

    /// Creates a feed.
    ///
    /// - Parameters:
    ///   - frameFormat: The format of every image.
    ///   - capacity: The maximum number of frames in the buffer. With ``OverflowPolicy/dropOldest`` it bounds the
    ///     delay.
    ///   - policy: The policy that applies when the buffer is full.
    public init(frameFormat: FrameFormat, capacity: Int, policy: OverflowPolicy) {
        self.frameFormat = frameFormat
        self.state = Mutex(State(machine: FrameFeedStateMachine(capacity: capacity, policy: policy)))
        self.ring = FrameRing(
            slots: FrameFeedStateMachine.slotCount(capacity: capacity), byteCount: frameFormat.byteCount)
    }

    // MARK: Producer

    /// Sends a frame.
    ///
    /// Under ``OverflowPolicy/block``, blocks the calling thread while the buffer is full.
    ///
    /// This method must be called from one thread, never from a task.
    ///
    /// - Parameters:
    ///   - frame: The metadata of the frame.
    ///   - body: Writes all bytes of the image, `[height, width, 3]`. If it throws, no frame is sent.
    /// - Returns: `false` if the feed is closed or finished; the frame is then discarded.
    /// - Throws: The error that `body` throws.
    @discardableResult
    public func send<E: Error>(
        _ frame: CapturedFrame, writingPixels body: (inout MutableSpan<UInt8>) throws(E) -> Void
    ) throws(E) -> Bool {
        guard let slot = self.waitForSlot() else { return false }
        do {
            try self.ring.fill(slot: slot, body)
        } catch {
            self.state.withLock { $0.machine.abandonFill(slot: slot) }
            throw error
        }
        return self.withStateNotifyingConsumer { state in
            state.machine.commitFill(slot: slot, frame: frame)
            return !state.machine.isClosed
        }
    }

    /// The policy that applies when the buffer is full.
    ///
    /// It can be changed at any time: whether a source is live may be known only after it has been opened.
    public var overflowPolicy: OverflowPolicy {
        get { self.state.withLock { $0.machine.policy } }
        set { self.state.withLock { $0.machine.policy = newValue } }
    }

    /// Sends a change of state, in order with the frames.
    ///
    /// This method never blocks.
    ///
    /// - Parameter state: The new state.
    public func send(_ state: SourceState) {
        self.withStateNotifyingConsumer { $0.machine.send(state) }
    }

    /// Marks the end of the feed.
    ///
    /// Items in the buffer are still delivered.
    public func finish() {
        self.withStateNotifyingConsumer { $0.machine.finish() }
        self.spaceAvailable.signal()
    }

    /// Adds to the counters of decoded and corrupt frames.
    ///
    /// - Parameters:
    ///   - decoded: The number of frames that the decoder has output.
    ///   - corrupt: The number of corrupt packets and frames.
    public func recordDecoded(_ decoded: Int, corrupt: Int) {
        self.state.withLock { $0.machine.recordDecoded(decoded, corrupt: corrupt) }
    }

    private func waitForSlot() -> Int? {
        while true {
            let action = self.state.withLock { state in
                let action = state.machine.beginFill()
                state.isProducerWaiting = action == .wait
                return action
            }
            switch action {
            case .write(let slot): return slot
            case .discard: return nil
            case .wait: self.spaceAvailable.wait()
            }
        }
    }

    /// Changes the state, then resumes a waiting consumer outside the lock.
    @discardableResult
    private func withStateNotifyingConsumer<R: Sendable>(_ body: (inout sending State) -> sending R) -> R {
        let (result, consumer) = self.state.withLock { state in
            let result = body(&state)
            return (result, state.consumer.take())
        }
        consumer?.resume()
        return result
    }

    // MARK: Consumer

    /// Returns the next item and releases the pixels of the previous one.
    ///
    /// Suspends while the buffer is empty.
    ///
    /// This method must be called by one task at a time.
    ///
    /// - Returns: `nil` if the source has finished, the feed is closed, or the task is cancelled. A cancelled task gets
    ///   `nil` even if items are waiting; they stay in the buffer.
    public nonisolated(nonsending) func next() async -> FeedItem? {
        while !Task.isCancelled {
            let (action, wakesProducer) = self.state.withLock { state in
                precondition(!state.isReading, "next() called inside withPixels(_:)")
                let action = state.machine.take()
                let wakes = state.isProducerWaiting
                state.isProducerWaiting = false
                return (action, wakes)
            }
            if wakesProducer { self.spaceAvailable.signal() }
            switch action {
            case .deliver(let item): return item
            case .finish: return nil
            case .wait: await self.waitForItem()
            }
        }
        return nil
    }

    /// Calls a closure with the pixels of the frame that ``next()`` returned last, `[height, width, 3]`.
    ///
    /// The last item must be a frame; otherwise this traps.
    ///
    /// - Parameter body: Reads the pixels, which are valid until it returns.
    /// - Returns: The value that `body` returns.
    /// - Throws: The error that `body` throws.
    public func withPixels<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let slot = self.state.withLock { state in
            guard let slot = state.machine.heldSlot else { preconditionFailure("the last item is not a frame") }
            state.isReading = true
            return slot
        }
        defer { self.state.withLock { $0.isReading = false } }
        return try self.ring.read(slot: slot, body)
    }

    /// Closes the feed: discards the items in the buffer and makes a blocked producer and a waiting consumer return.
    public func close() {
        self.withStateNotifyingConsumer { $0.machine.close() }
        self.spaceAvailable.signal()
    }

    /// Returns the counters.
    ///
    /// - Parameter now: The instant up to which the age of the oldest frame is measured.
    /// - Returns: The counters at this moment.
    public func metrics(now: ContinuousClock.Instant = .now) -> FeedMetrics {
        self.state.withLock { state in
            var metrics = state.machine.metrics
            metrics.oldestAge = state.machine.oldestArrival.map { now - $0 }
            return metrics
        }
    }

    /// A Boolean value that indicates whether the consumer is suspended in ``next()``, for tests.
    package var isConsumerWaiting: Bool { self.state.withLock { $0.consumer != nil } }

    /// A Boolean value that indicates whether the producer is blocked by a full buffer, for tests.
    package var isProducerWaiting: Bool { self.state.withLock { $0.isProducerWaiting } }

    /// Suspends until the state has changed or the task is cancelled.
    private nonisolated(nonsending) func waitForItem() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = self.state.withLock { state in
                    // If the cancellation handler ran before this, it found no continuation to resume.
                    guard !Task.isCancelled, state.machine.isEmpty else { return false }
                    precondition(state.consumer == nil, "a feed has one consumer")
                    state.consumer = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            self.withStateNotifyingConsumer { _ in }
        }
    }
}
