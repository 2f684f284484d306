public import GerundCore

/// What a consumer takes from a ``FrameFeed``.
public enum FeedItem: Hashable, Sendable {
    /// A sampled frame; its pixels are lent by ``FrameFeed/withPixels(_:)`` until the next item is taken.
    case frame(CapturedFrame)
    /// The source opened, broke off, ended or failed.
    case state(SourceState)
    /// Frames that the consumer was too late for, at this place in the stream.
    ///
    /// `count` frames went, the first of them that of `since`.
    case dropped(count: Int, since: MediaTime)
}
