/// The behavior of a ``FrameFeed`` whose buffer is full.
public struct OverflowPolicy: Hashable, Sendable {
    private enum Wrapped { case dropOldest, block }
    private let wrapped: Wrapped
    private init(_ wrapped: Wrapped) { self.wrapped = wrapped }

    /// Drops and counts the oldest frame, for live sources.
    ///
    /// The producer never waits.
    public static let dropOldest = Self(.dropOldest)
    /// Blocks the producer's thread until the consumer has received a frame, for files.
    ///
    /// No frame is lost.
    public static let block = Self(.block)
}
