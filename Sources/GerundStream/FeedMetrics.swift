/// The counters of one feed at one moment.
public struct FeedMetrics: Hashable, Sendable {
    /// Frames put into the feed.
    public var offered = 0
    /// Frames taken by the consumer.
    public var delivered = 0
    /// Frames that went unread, oldest first.
    public var dropped = 0
    /// Frames waiting now.
    public var depth = 0
    /// How long ago the oldest waiting frame was decoded; `nil` when none waits.
    public var age: Duration?
    /// Changes of state that went unread because the consumer stood still for too long.
    public var statesDropped = 0
    /// Pictures that the decoder gave, sampled or not.
    public var decoded = 0
    /// Packets and pictures that were damaged, and pictures whose time stamps could not be used.
    public var damaged = 0

    public init() {}
}
