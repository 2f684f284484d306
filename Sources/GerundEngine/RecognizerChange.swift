public import GerundCore
public import GerundEvents
public import GerundStream

/// What is to be different from now on in a run. What is `nil` or empty stays as it is.
///
/// Sources that are not named go on undisturbed. New labels hold from each source's next window on.
public struct RecognizerChange: Sendable {
    /// Sources that are no longer wanted: what is open ends as interrupted, then the source's last record comes.
    public var removed: [SourceID]
    /// Sources that begin; one with the name of a source that runs begins when that has ended.
    public var added: [any FrameSource]
    /// Events of labels that are gone are ended as interrupted.
    public var labels: LabelSet?
    public var thresholds: EventThresholds?
    /// The half-life of the smoothing.
    public var smoothing: Duration?

    public init(
        removed: [SourceID] = [], added: [any FrameSource] = [], labels: LabelSet? = nil,
        thresholds: EventThresholds? = nil, smoothing: Duration? = nil
    ) {
        self.removed = removed
        self.added = added
        self.labels = labels
        self.thresholds = thresholds
        self.smoothing = smoothing
    }

    /// The configuration of a run after the change.
    func applied(to configuration: RecognizerConfiguration) -> RecognizerConfiguration {
        var changed = configuration
        if let labels { changed.labels = labels }
        if let thresholds { changed.thresholds = thresholds }
        if let smoothing { changed.smoothing = smoothing }
        return changed
    }
}
