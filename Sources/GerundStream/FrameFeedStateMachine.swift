import GerundCore

/// The state machine behind ``FrameFeed``: slot ownership, delivery order and loss accounting.
///
/// It holds no pixels and never waits. Slots of the ring buffer are numbered from 0: `capacity` of them hold frames
/// that wait for the consumer, one is being written, and the consumer holds one.
struct FrameFeedStateMachine: Sendable {
    /// The action that the producer must take to send a frame.
    enum FillAction: Equatable {
        /// Write the image into the slot, then call ``commitFill(slot:frame:)`` or ``abandonFill(slot:)``.
        case write(slot: Int)
        /// The buffer is full: try again after the consumer has taken an item.
        case wait
        /// The feed is closed or finished: discard the frame.
        case discard
    }

    /// The action that the consumer's call must take.
    enum TakeAction: Equatable {
        /// Return the item to the consumer.
        case deliver(FeedItem)
        /// The buffer is empty: suspend the consumer until the state changes.
        case wait
        /// No more items will come: end the consumer's iteration.
        case finish
    }

    private enum Entry {
        case frame(CapturedFrame, slot: Int)
        case state(SourceState)
        case dropped(count: Int, since: MediaTime)
    }

    /// The maximum number of changes of state in the buffer.
    ///
    /// Beyond that, the oldest is discarded.
    static let maximumPendingStateChanges = 64

    let capacity: Int
    var policy: OverflowPolicy
    private(set) var metrics = FeedMetrics()
    /// The slot that the consumer holds: that of the frame that was taken last.
    private(set) var heldSlot: Int?

    private var entries: [Entry] = []
    private var freeSlots: [Int]
    private var stateCount = 0
    private var isFinished = false
    private(set) var isClosed = false

    init(capacity: Int, policy: OverflowPolicy) {
        precondition(capacity > 0, "invalid capacity \(capacity)")
        self.capacity = capacity
        self.policy = policy
        self.freeSlots = Array(0..<Self.slotCount(capacity: capacity))
        // At most one marker of dropped frames per change of state.
        self.entries.reserveCapacity(capacity + 2 * Self.maximumPendingStateChanges + 2)
    }

    static func slotCount(capacity: Int) -> Int { capacity + 2 }

    // MARK: Producer

    mutating func beginFill() -> FillAction {
        guard !self.isClosed, !self.isFinished else { return .discard }
        if self.policy == .block, self.metrics.depth == self.capacity { return .wait }
        guard let slot = self.freeSlots.popLast() else { preconditionFailure("more than one producer") }
        return .write(slot: slot)
    }

    mutating func commitFill(slot: Int, frame: CapturedFrame) {
        guard !self.isClosed, !self.isFinished else { return self.freeSlots.append(slot) }
        if self.metrics.depth == self.capacity { self.dropOldest() }
        self.metrics.enqueued += 1
        self.metrics.depth += 1
        self.entries.append(.frame(frame, slot: slot))
    }

    mutating func abandonFill(slot: Int) {
        self.freeSlots.append(slot)
    }

    mutating func send(_ state: SourceState) {
        guard !self.isClosed, !self.isFinished else { return }
        if self.stateCount == Self.maximumPendingStateChanges { self.dropOldestState() }
        self.stateCount += 1
        self.entries.append(.state(state))
    }

    /// Marks the end of the feed.
    ///
    /// Items in the buffer are still delivered.
    mutating func finish() {
        self.isFinished = true
    }

    // MARK: Consumer

    mutating func take() -> TakeAction {
        if let slot = self.heldSlot {
            self.freeSlots.append(slot)
            self.heldSlot = nil
        }
        guard !self.isClosed else { return .finish }
        guard !self.entries.isEmpty else { return self.isFinished ? .finish : .wait }
        switch self.entries.removeFirst() {
        case .frame(let frame, let slot):
            self.metrics.depth -= 1
            self.metrics.dequeued += 1
            self.heldSlot = slot
            return .deliver(.frame(frame))
        case .state(let state):
            self.stateCount -= 1
            return .deliver(.state(state))
        case .dropped(let count, let since):
            return .deliver(.dropped(count: count, since: since))
        }
    }

    /// A Boolean value that indicates whether ``take()`` would return ``TakeAction/wait``.
    var isEmpty: Bool { self.entries.isEmpty && !self.isFinished && !self.isClosed }

    /// Closes the feed and discards the items in the buffer.
    mutating func close() {
        guard !self.isClosed else { return }
        self.isClosed = true
        for case .frame(_, let slot) in self.entries { self.freeSlots.append(slot) }
        self.entries.removeAll(keepingCapacity: true)
        self.metrics.depth = 0
    }

    // MARK: Loss

    private mutating func dropOldest() {
        for index in self.entries.indices {
            guard case .frame(let frame, let slot) = self.entries[index] else { continue }
            self.freeSlots.append(slot)
            self.metrics.depth -= 1
            self.metrics.dropped += 1
            self.entries[index] = .dropped(count: 1, since: frame.time)
            self.mergeDropped(around: index)
            return
        }
    }

    private mutating func dropOldestState() {
        for index in self.entries.indices {
            guard case .state = self.entries[index] else { continue }
            self.entries.remove(at: index)
            self.stateCount -= 1
            self.metrics.statesDropped += 1
            if index > 0 { self.mergeDropped(around: index - 1) }
            return
        }
    }

    /// Merges the marker at `index` with adjacent markers, so that their number stays bounded.
    private mutating func mergeDropped(around index: Int) {
        for left in [index, index - 1] where left >= 0 && left + 1 < self.entries.count {
            guard case .dropped(let count, let since) = self.entries[left],
                case .dropped(let more, _) = self.entries[left + 1]
            else { continue }
            self.entries[left] = .dropped(count: count + more, since: since)
            self.entries.remove(at: left + 1)
        }
    }

    // MARK: Counters

    /// The time at which the oldest frame in the buffer arrived.
    var oldestArrival: ContinuousClock.Instant? {
        for case .frame(let frame, _) in self.entries { return frame.arrival }
        return nil
    }

    mutating func recordDecoded(_ decoded: Int, corrupt: Int) {
        self.metrics.decoded += decoded
        self.metrics.corrupt += corrupt
    }
}
