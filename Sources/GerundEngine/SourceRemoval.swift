import Synchronization

/// Whether a source that runs is no longer wanted: what is open then ends because nobody looks any more.
final class SourceRemoval: Sendable {
    private let flag = Atomic(false)

    /// To be called before the source is stopped.
    func request() { self.flag.store(true, ordering: .releasing) }

    var isRequested: Bool { self.flag.load(ordering: .acquiring) }
}
