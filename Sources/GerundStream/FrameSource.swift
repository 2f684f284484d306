public import GerundCore

/// A source of sampled frames, such as a camera, a file, or a script in a test.
///
/// A source is started once and stopped once. Its frames and changes of state arrive through one ``FrameFeed``, which
/// finishes when the source has ended, failed or been stopped.
public protocol FrameSource: Sendable {
    /// The source's name in every record.
    var id: SourceID { get }

    /// Starts capturing and returns at once. Failures, opening included, are reported through the feed.
    ///
    /// - Returns: The source's only feed. Starting again returns the same one.
    func start() -> FrameFeed

    /// Stops capturing in any state, closes the feed, and returns when the source no longer uses a thread or a device.
    ///
    /// This method takes well under a second, and may be called more than once and from any task.
    func stop() async
}
