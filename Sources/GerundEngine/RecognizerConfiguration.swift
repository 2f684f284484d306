public import GerundEvents
public import GerundStream

/// What a ``Recognizer`` does with every source.
public struct RecognizerConfiguration: Sendable {
    public var labels: LabelSet
    public var plan: WindowPlan
    /// The half-life of the smoothing.
    public var smoothing: Duration
    public var thresholds: EventThresholds
    public var mode: RecognitionMode
    /// How many rows of each older frame fast windows compute anew; see `Refresh` of XCLIP.
    public var refresh: Int
    /// The share of fast windows, 0...1, that are computed exactly as well, to tell how far they stray.
    public var audit: Double
    /// How many labels a record lists.
    public var topCount: Int
    /// How much of each source is looked at, in media time; `nil` for all.
    public var duration: Duration?
    /// Where the ids of a source's events come from.
    public var eventIDs: @Sendable (any FrameSource) -> EventIDs

    public init(
        labels: LabelSet, plan: WindowPlan, smoothing: Duration = .milliseconds(500),
        thresholds: EventThresholds = EventThresholds(), mode: RecognitionMode = .auto, refresh: Int = 1,
        audit: Double = 0.01, topCount: Int = 5, duration: Duration? = nil,
        eventIDs: @escaping @Sendable (any FrameSource) -> EventIDs = { _ in .random }
    ) {
        self.labels = labels
        self.plan = plan
        self.smoothing = smoothing
        self.thresholds = thresholds
        self.mode = mode
        self.refresh = refresh
        self.audit = audit
        self.topCount = topCount
        self.duration = duration
        self.eventIDs = eventIDs
    }
}
