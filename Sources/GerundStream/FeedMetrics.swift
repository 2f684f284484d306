/// The counters of a ``FrameFeed`` at one moment.
public struct FeedMetrics: Hashable, Sendable {
    /// The number of frames that the producer has sent.
    public var enqueued = 0
    /// The number of frames that the consumer has received.
    public var dequeued = 0
    /// The number of frames that were dropped because the buffer was full.
    public var dropped = 0
    /// The number of frames in the buffer.
    public var depth = 0
    /// The time since the oldest frame in the buffer arrived; `nil` if the buffer is empty.
    public var oldestAge: Duration?
    /// The number of changes of state that were discarded because the consumer was too far behind.
    public var statesDropped = 0
    /// The number of frames that the decoder has output, sampled or not.
    public var decoded = 0
    /// The number of corrupt packets and frames, and of frames with unusable timestamps.
    public var corrupt = 0

    /// Creates counters that are all zero.
    public init() {}
}
