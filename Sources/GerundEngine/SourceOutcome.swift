public import GerundStream

/// The outcome of the recognition of one source.
public struct SourceOutcome: Sendable {
    /// A Boolean value that indicates whether the source was opened at least once.
    public var wasOpened = false
    /// The error with which the source failed for good; `nil` if it ended or was stopped.
    public var error: CaptureError?
    /// The number of sampled frames that were processed.
    public var frames = 0
    /// The number of windows that were computed.
    public var windows = 0
    /// The number of sampled frames that were dropped.
    public var dropped = 0
    /// The number of windows that were skipped because recognition was behind.
    public var skipped = 0
}
