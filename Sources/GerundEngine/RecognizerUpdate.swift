public import GerundCore
public import GerundEvents
public import GerundStream

/// A change to a running recognizer.
///
/// Fields that are `nil` or empty leave the setting unchanged.
///
/// Sources that aren't named continue undisturbed. Labels, thresholds and smoothing take effect with each source's next
/// window.
public struct RecognizerUpdate: Sendable {
    /// The names of the sources to remove: their open events end as interrupted, followed by the summary record.
    public var removed: [SourceID]
    /// The sources to start.
    ///
    /// A source with the name of a running one starts when that one has ended.
    public var added: [any FrameSource]
    /// The new labels.
    ///
    /// Open events of labels that are no longer among them end as interrupted.
    public var labels: LabelSet?
    /// The new thresholds.
    ///
    /// ``EventThresholds/allowsOverlap`` is ignored: a run keeps to one way of detecting events.
    public var thresholds: EventThresholds?
    /// The new half-life of the score smoothing.
    public var smoothing: Duration?

    /// Creates an update.
    ///
    /// The default values change nothing.
    ///
    /// - Parameters:
    ///   - removed: The names of the sources to remove.
    ///   - added: The sources to start.
    ///   - labels: The new labels.
    ///   - thresholds: The new thresholds.
    ///   - smoothing: The new half-life of the score smoothing.
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

    /// Returns a run's configuration after the update.
    func applied(to configuration: RecognizerConfiguration) -> RecognizerConfiguration {
        var changed = configuration
        if let labels { changed.labels = labels }
        if let thresholds {
            changed.thresholds = thresholds
            changed.thresholds.allowsOverlap = configuration.thresholds.allowsOverlap
        }
        if let smoothing { changed.smoothing = smoothing }
        return changed
    }
}

/// The result of a ``RecognizerUpdate``.
public enum UpdateResult: Hashable, Sendable {
    /// The run has applied the whole update.
    case applied
    /// Nothing has changed: the run has ended or is stopping, or the task that called
    /// ``RunController/apply(_:)`` was cancelled before the run began to commit the update.
    case discarded
}
