import Synchronization

/// Marks a running source as removed, so that its open events end as interrupted.
final class RemovalFlag: Sendable {
    private let flag = Atomic(false)

    /// Marks the source as removed.
    ///
    /// Must be called before the source is stopped.
    func request() { self.flag.store(true, ordering: .releasing) }

    /// A Boolean value that indicates whether the source has been removed.
    var isRequested: Bool { self.flag.load(ordering: .acquiring) }
}
