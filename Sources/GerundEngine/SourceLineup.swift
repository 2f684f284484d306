package import GerundCore

/// Which sources run, and which wait until one of the same name has ended. A pure value.
package struct SourceLineup<Source> {
    private var running: [SourceID: Source] = [:]
    private var waiting: [SourceID: Source] = [:]

    package init() {}

    /// Whether nothing runs. Nothing waits then either.
    package var isEmpty: Bool { self.running.isEmpty }

    /// - Returns: Whether the source is to be started now; else ``ended(_:)`` gives it when its time has come.
    package mutating func add(_ source: Source, as id: SourceID) -> Bool {
        guard self.running[id] == nil else {
            self.waiting[id] = source
            return false
        }
        self.running[id] = source
        return true
    }

    /// The source is no longer wanted, nor is one that waits for its name.
    ///
    /// - Returns: The source that is to be stopped, which runs until ``ended(_:)``; `nil` when there is none.
    package mutating func remove(_ id: SourceID) -> Source? {
        self.waiting[id] = nil
        return self.running[id]
    }

    /// A source runs no longer.
    ///
    /// - Returns: The source that is to be started in its place.
    package mutating func ended(_ id: SourceID) -> Source? {
        self.running[id] = self.waiting.removeValue(forKey: id)
        return self.running[id]
    }
}
