/// Decides whose frames are computed next when several sources use one engine, and when the next batch starts.
///
/// Start-time fair queueing (Goyal, Vin and Cheng, "Start-time Fair Queuing", SIGCOMM 1996): each source has a virtual
/// clock that advances by the cost of what was computed for it, and the source whose clock is furthest behind comes
/// first. A source that always has a request therefore gets what the others leave, and a source that had none
/// accumulates no credit. This is a pure state machine.
package struct WindowScheduler<Item: Sendable>: Sendable {
    /// The action that follows the addition of an item or the end of a batch.
    package enum Action: Hashable, Sendable {
        /// Start a batch, which takes its items by ``WindowScheduler/next(limit:cost:)`` and ends by
        /// ``WindowScheduler/batchFinished()``.
        case startBatch
        /// Do nothing: a batch is running or starting, or no item is waiting.
        case wait
    }

    private struct Entry: Sendable {
        let item: Item
        let source: Int
        /// The virtual time at which the item was added.
        let arrival: Int
    }

    /// The waiting items in the order of their arrival: no more than there are sources, as each waits for its answer.
    private var entries: [Entry] = []
    /// The virtual clock of each source that is ahead of ``time``.
    private var clocks: [Int: Int] = [:]
    private var time = 0
    /// A Boolean value that indicates whether a batch is running or about to start.
    private var isBatchScheduled = false

    /// Creates a scheduler without items.
    package init() {}

    /// A Boolean value that indicates whether no item is waiting.
    package var isEmpty: Bool { self.entries.isEmpty }

    /// Adds an item.
    ///
    /// - Parameters:
    ///   - item: The item.
    ///   - source: The number of the item's source.
    /// - Returns: The action that the caller must take.
    @discardableResult
    package mutating func append(_ item: Item, from source: Int) -> Action {
        self.entries.append(Entry(item: item, source: source, arrival: self.time))
        defer { self.isBatchScheduled = true }
        return self.isBatchScheduled ? .wait : .startBatch
    }

    /// Records that a batch has finished, and returns whether to start the next one.
    package mutating func batchFinished() -> Action {
        self.isBatchScheduled = !self.isEmpty
        return self.isBatchScheduled ? .startBatch : .wait
    }

    /// Removes a source and its waiting items.
    package mutating func remove(_ source: Int) {
        self.clocks[source] = nil
        self.entries.removeAll { $0.source == source }
    }

    /// Removes and returns the items of the next batch.
    ///
    /// - Parameters:
    ///   - limit: The maximum total cost. A single item may exceed it.
    ///   - cost: Returns an item's cost; `nil` to drop an item that is no longer wanted.
    /// - Returns: The items, at least one if any is waiting and wanted.
    package mutating func next(limit: Int, cost: (Item) -> Int?) -> [Item] {
        var (items, total) = ([Item](), 0)
        while let index = self.entries.indices.min(by: { self.start($0) < self.start($1) }) {
            let entry = self.entries[index]
            guard let cost = cost(entry.item) else {
                self.entries.remove(at: index)
                continue
            }
            guard items.isEmpty || total + cost <= limit else { break }
            let start = self.start(index)
            self.time = max(self.time, start)
            self.clocks[entry.source] = start + cost
            self.entries.remove(at: index)
            items.append(entry.item)
            total += cost
        }
        let waiting = Set(self.entries.map(\.source))
        self.clocks = self.clocks.filter { $0.value > self.time || waiting.contains($0.key) }
        return items
    }

    /// The virtual start time of an item.
    private func start(_ index: Int) -> Int {
        let entry = self.entries[index]
        return max(entry.arrival, self.clocks[entry.source] ?? 0)
    }
}
