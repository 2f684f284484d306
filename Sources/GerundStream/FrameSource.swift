public import GerundCore

/// Something that gives sampled frames: a camera, a file, a script in a test.
///
/// A source is started once and stopped once. Its frames and changes of state come through one ``FrameFeed``,
/// which finishes when the source has ended, was given up or was stopped.
public protocol FrameSource: Sendable {
    /// The source's name in every record.
    var id: SourceID { get }

    /// Starts capturing, without waiting for anything: also a failed opening is told by the feed.
    ///
    /// - Returns: The source's only feed. Starting again returns the same one.
    func start() -> FrameFeed

    /// Ends capturing from whatever state, closes the feed and returns when nothing of the source runs any more.
    ///
    /// Takes well under a second. May be called more than once and from any task.
    func stop() async
}
