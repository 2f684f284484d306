public import GerundCore

/// An item that a consumer receives from a ``FrameFeed``.
public enum FeedItem: Hashable, Sendable {
    /// A sampled frame. Its pixels are valid, through ``FrameFeed/withPixels(_:)``, until the next item is requested.
    case frame(CapturedFrame)
    /// A change of the source's state.
    case state(SourceState)
    /// A number of frames that were dropped at this position because the consumer was behind, and the media time of the
    /// first of them.
    case dropped(count: Int, since: MediaTime)
}
