/// What happens to a frame when the consumer is behind and the feed is full.
public struct FeedPolicy: Hashable, Sendable {
    private enum Wrapped { case dropOldest, wait }
    private let wrapped: Wrapped
    private init(_ wrapped: Wrapped) { self.wrapped = wrapped }

    /// The oldest unread frame goes and is counted; the producer never waits. For sources that don't wait either.
    public static let dropOldest = Self(.dropOldest)
    /// The producer waits until a frame has been read; nothing is lost. For files.
    public static let wait = Self(.wait)
}
