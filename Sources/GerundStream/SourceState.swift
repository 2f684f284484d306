/// A change of a source's state.
///
/// Each is delivered once, in order with the frames around it.
public enum SourceState: Hashable, Sendable {
    /// The source was opened or reopened; frames follow.
    case connected(StreamInfo)
    /// The source can't be read and is opened again after `retryAfter`.
    ///
    /// Follows ``connected(_:)`` if the source failed while open; comes first if a source that could not be opened is
    /// retried. `reason` is one line without credentials.
    case disconnected(reason: String, retryAfter: Duration)
    /// The stream came to its natural end. No item follows.
    case ended
    /// The source failed and isn't retried. No item follows.
    case failed(CaptureError)
}
