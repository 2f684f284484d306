import Synchronization

/// A flag that marks a running source as removed, so that its open events end as interrupted.
///
/// The flag, unlike the end of the source's feed, distinguishes a removed source from one that ended by itself.
final class RemovalFlag: Sendable {
    private let flag = Atomic(false)

    /// Marks the source as removed.
    ///
    /// This must be called before the source is stopped, because its session reads the flag when the feed ends.
    func markRemoved() { self.flag.store(true, ordering: .releasing) }

    /// A Boolean value that indicates whether the source has been removed.
    var isRemoved: Bool { self.flag.load(ordering: .acquiring) }
}
