package import GerundCore

/// The running sources of a run, and those that wait until a source of the same name has ended.
///
/// Sources that have ended are no longer in the registry.
package struct SourceRegistry<Source> {
    private var running: [SourceID: Source] = [:]
    private var waiting: [SourceID: Source] = [:]

    /// Creates a registry without sources.
    package init() {}

    /// A Boolean value that indicates whether no source is running.
    ///
    /// Then none is waiting either.
    package var isEmpty: Bool { self.running.isEmpty }

    /// The names of the running and waiting sources, in alphabetical order.
    package var names: [SourceID] {
        Set(self.running.keys).union(self.waiting.keys).sorted { $0.name < $1.name }
    }

    /// The action that must follow the addition of a source.
    package enum AddAction: Hashable, Sendable {
        /// Start the source now.
        case start
        /// Do nothing: ``ended(_:)`` returns the source once the running one of the same name has ended.
        case wait
    }

    /// Adds a source.
    ///
    /// It replaces one that waits for the same name.
    package mutating func add(_ source: Source, as id: SourceID) -> AddAction {
        guard self.running[id] == nil else {
            self.waiting[id] = source
            return .wait
        }
        self.running[id] = source
        return .start
    }

    /// Removes a source, and one that waits for its name.
    ///
    /// - Returns: The source to stop, which counts as running until ``ended(_:)``; `nil` if none of this name is
    ///   running.
    package mutating func remove(_ id: SourceID) -> Source? {
        self.waiting[id] = nil
        return self.running[id]
    }

    /// Removes all waiting sources, so that no further source starts.
    ///
    /// - Returns: The running sources, to be stopped. Each counts as running until ``ended(_:)``.
    package mutating func removeWaiting() -> [Source] {
        self.waiting.removeAll()
        return Array(self.running.values)
    }

    /// Removes a source that has ended.
    ///
    /// - Returns: The source to start in its place, if one has waited for its name.
    package mutating func ended(_ id: SourceID) -> Source? {
        self.running[id] = self.waiting.removeValue(forKey: id)
        return self.running[id]
    }
}

extension SourceRegistry: Sendable where Source: Sendable {}
