/// A change in a source's life. Each is delivered once, in order with the frames around it.
public enum SourceState: Hashable, Sendable {
    /// The source was opened, or opened again; frames follow.
    case opened(SourceDescription)
    /// The source could not be read and is tried again after `retryIn`.
    ///
    /// Follows ``opened(_:)`` when it broke off; comes first when a source that never opened is kept trying.
    /// `reason` is one line without credentials.
    case lost(reason: String, retryIn: Duration)
    /// The source came to its natural end. Nothing follows.
    case ended
    /// The source was given up. Nothing follows.
    case failed(CaptureError)
}
