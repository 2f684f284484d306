/// Decides whose frames are computed next when several sources want the engine. A pure value.
///
/// Start-time fair queueing (Goyal, Vin and Cheng, "Start-time Fair Queuing", SIGCOMM 1996): each source has a clock
/// that runs on by what was computed for it, and whose clock is behind comes first. A source that asks without end
/// therefore gets what the others leave, and one that asked for nothing saves nothing up.
package struct WindowScheduler<Item: Sendable>: Sendable {
    private struct Entry: Sendable {
        let item: Item
        let source: Int
        /// The time of the clocks when it came.
        let arrival: Int
    }

    /// What waits, in the order in which it came: as much as there are sources, as each waits for its answer.
    private var entries: [Entry] = []
    /// Where each source's clock stands, as far as that is ahead of ``time``.
    private var clocks: [Int: Int] = [:]
    private var time = 0

    package init() {}

    package var isEmpty: Bool { self.entries.isEmpty }

    package mutating func append(_ item: Item, from source: Int) {
        self.entries.append(Entry(item: item, source: source, arrival: self.time))
    }

    /// The source is gone; nothing of it waits any more.
    package mutating func remove(_ source: Int) {
        self.clocks[source] = nil
        self.entries.removeAll { $0.source == source }
    }

    /// Takes what is to be computed together.
    ///
    /// - Parameters:
    ///   - limit: The cost up to which items are taken; one is taken in any case.
    ///   - cost: What an item costs; `nil` for one that nobody wants any more.
    package mutating func next(limit: Int, cost: (Item) -> Int?) -> [Item] {
        var (taken, total) = ([Item](), 0)
        while let index = self.entries.indices.min(by: { self.start($0) < self.start($1) }) {
            let entry = self.entries[index]
            guard let cost = cost(entry.item) else {
                self.entries.remove(at: index)
                continue
            }
            guard taken.isEmpty || total + cost <= limit else { break }
            let start = self.start(index)
            self.time = max(self.time, start)
            self.clocks[entry.source] = start + cost
            self.entries.remove(at: index)
            taken.append(entry.item)
            total += cost
        }
        let waiting = Set(self.entries.map(\.source))
        self.clocks = self.clocks.filter { $0.value > self.time || waiting.contains($0.key) }
        return taken
    }

    private func start(_ index: Int) -> Int {
        let entry = self.entries[index]
        return max(entry.arrival, self.clocks[entry.source] ?? 0)
    }
}
