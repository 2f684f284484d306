import GerundCore

/// Which slot holds which frame, who may touch it, and what is delivered in which order.
///
/// A pure value: no pixels, no locks, no waiting. Slots are numbered from 0: `capacity` of them may wait to be
/// read, one is being filled, one is lent to the consumer.
struct FeedMachine: Sendable {
    enum Fill: Equatable {
        /// Write the picture into the slot, then commit or abandon it.
        case slot(Int)
        /// The feed is full: try again when something was taken.
        case wait
        /// Nobody wants frames any more.
        case closed
    }

    enum Taken: Equatable {
        case item(FeedItem)
        /// Nothing yet.
        case empty
        /// Nothing any more.
        case finished
    }

    private enum Entry {
        case frame(CapturedFrame, slot: Int)
        case state(SourceState)
        case dropped(count: Int, since: MediaTime)
    }

    /// So many changes of state wait at most; a consumer further behind than that learns the newest.
    static let stateLimit = 64

    let capacity: Int
    var policy: FeedPolicy
    private(set) var metrics = FeedMetrics()
    /// The slot of the frame that was taken last.
    private(set) var lentSlot: Int?

    private var entries: [Entry] = []
    private var freeSlots: [Int]
    private var stateCount = 0
    private var isFinished = false
    private(set) var isClosed = false

    init(capacity: Int, policy: FeedPolicy) {
        precondition(capacity > 0, "a feed needs room for a frame")
        self.capacity = capacity
        self.policy = policy
        self.freeSlots = Array(0..<Self.slotCount(capacity: capacity))
        // A marker of lost frames stands beside every change of state at most.
        self.entries.reserveCapacity(capacity + 2 * Self.stateLimit + 2)
    }

    static func slotCount(capacity: Int) -> Int { capacity + 2 }

    // MARK: Producer

    mutating func beginFill() -> Fill {
        guard !self.isClosed, !self.isFinished else { return .closed }
        if self.policy == .wait, self.metrics.depth == self.capacity { return .wait }
        guard let slot = self.freeSlots.popLast() else { preconditionFailure("more than one producer") }
        return .slot(slot)
    }

    mutating func commitFill(slot: Int, frame: CapturedFrame) {
        guard !self.isClosed, !self.isFinished else { return self.freeSlots.append(slot) }
        if self.metrics.depth == self.capacity { self.dropOldest() }
        self.metrics.offered += 1
        self.metrics.depth += 1
        self.entries.append(.frame(frame, slot: slot))
    }

    mutating func abandonFill(slot: Int) {
        self.freeSlots.append(slot)
    }

    mutating func post(_ state: SourceState) {
        guard !self.isClosed, !self.isFinished else { return }
        if self.stateCount == Self.stateLimit { self.dropOldestState() }
        self.stateCount += 1
        self.entries.append(.state(state))
    }

    /// Nothing more comes; what waits is still delivered.
    mutating func finish() {
        self.isFinished = true
    }

    // MARK: Consumer

    mutating func take() -> Taken {
        if let slot = self.lentSlot {
            self.freeSlots.append(slot)
            self.lentSlot = nil
        }
        guard !self.isClosed else { return .finished }
        guard !self.entries.isEmpty else { return self.isFinished ? .finished : .empty }
        switch self.entries.removeFirst() {
        case .frame(let frame, let slot):
            self.metrics.depth -= 1
            self.metrics.delivered += 1
            self.lentSlot = slot
            return .item(.frame(frame))
        case .state(let state):
            self.stateCount -= 1
            return .item(.state(state))
        case .dropped(let count, let since):
            return .item(.dropped(count: count, since: since))
        }
    }

    /// Whether ``take()`` would return ``Taken/empty``.
    var isEmpty: Bool { self.entries.isEmpty && !self.isFinished && !self.isClosed }

    /// Nothing more is wanted; what waits is discarded.
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

    /// Joins the marker at `index` with those directly beside it, so that their number stays bounded.
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

    /// When the oldest waiting frame was decoded.
    var oldestArrival: ContinuousClock.Instant? {
        for case .frame(let frame, _) in self.entries { return frame.arrival }
        return nil
    }

    mutating func countDecoded(_ decoded: Int, damaged: Int) {
        self.metrics.decoded += decoded
        self.metrics.damaged += damaged
    }
}
