public import GerundStream

/// How recognition of one source came out.
public struct SourceOutcome: Sendable {
    /// Whether the source could be opened at least once.
    public var wasOpened = false
    /// Why the source was given up; `nil` when it ended or was stopped.
    public var error: CaptureError?
    /// Sampled frames that were read.
    public var frames = 0
    public var windows = 0
    /// Sampled frames that went unread.
    public var dropped = 0
    /// Windows that were given up because recognition was behind.
    public var skipped = 0
}
