public import GerundEvents
public import GerundStream

/// The configuration of a ``Recognizer``, which applies to every source.
public struct RecognizerConfiguration: Sendable {
    // MARK: Labels

    /// The labels and background phrases that windows are compared with.
    public var labels: LabelSet

    // MARK: Windows

    /// The length and spacing of the windows.
    ///
    /// Its number of frames must equal ``RecognitionModel/frameCount``.
    public var plan: SamplingPlan
    /// The part of each source to recognize, in media time from its first frame.
    ///
    /// The default, `nil`, is all of it.
    public var duration: Duration?

    // MARK: Events

    /// The half-life of the exponential mean that smooths scores over media time.
    ///
    /// The default is 0.5 s; zero turns smoothing off.
    public var smoothing: Duration
    /// The thresholds and durations that turn scores into events.
    public var thresholds: EventThresholds
    /// Returns the generator of a source's event ids.
    ///
    /// The default makes random ids, which sort by time.
    public var eventIDs: @Sendable (any FrameSource) -> EventIDGenerator

    // MARK: Fast mode

    /// The mode in which windows are computed.
    ///
    /// The default is ``RecognitionMode/auto``.
    public var mode: RecognitionMode
    /// The number of tokens of each older frame that fast windows recompute, see `RefreshPolicy` of XCLIP.
    ///
    /// The default, 1, is the class token; 0 recomputes none, and a number above that of the model's tokens all.
    public var refresh: Int
    /// The fraction of fast windows that are also computed exactly to measure the error of fast mode, in `0...1`.
    ///
    /// The default is 0.01; 0 turns the audit off.
    ///
    /// Each audited window costs one exact inference. The result is emitted as an audit record.
    public var audit: Double

    // MARK: Output

    /// The maximum number of labels that a label record lists, best first.
    ///
    /// The default is 5.
    public var topCount: Int

    /// The default half-life of the score smoothing.
    public static let defaultSmoothing: Duration = .milliseconds(500)
    /// The default number of refreshed tokens: the class token.
    public static let defaultRefresh = 1
    /// The default fraction of fast windows that are verified.
    public static let defaultAudit = 0.01

    /// Creates a configuration.
    ///
    /// - Parameters:
    ///   - labels: The labels and background phrases that windows are compared with.
    ///   - plan: The length and spacing of the windows.
    ///   - smoothing: The half-life of the score smoothing.
    ///   - thresholds: The thresholds and durations that turn scores into events.
    ///   - mode: The mode in which windows are computed.
    ///   - refresh: The number of tokens of each older frame that fast windows recompute.
    ///   - audit: The fraction of fast windows that are also computed exactly, in `0...1`.
    ///   - topCount: The maximum number of labels that a label record lists.
    ///   - duration: The part of each source to recognize, in media time; `nil` for all of it.
    ///   - eventIDs: Returns the generator of a source's event ids.
    public init(
        labels: LabelSet, plan: SamplingPlan, smoothing: Duration = Self.defaultSmoothing,
        thresholds: EventThresholds = EventThresholds(), mode: RecognitionMode = .auto,
        refresh: Int = Self.defaultRefresh, audit: Double = Self.defaultAudit, topCount: Int = 5,
        duration: Duration? = nil,
        eventIDs: @escaping @Sendable (any FrameSource) -> EventIDGenerator = { _ in .random }
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

    /// Checks the ranges of the settings that a recognizer can't work without.
    ///
    /// - Throws: ``ModelError`` with the code `invalidSetting`.
    func validate() throws(ModelError) {
        let problem: String? =
            switch true {
            case self.refresh < 0: "refresh must be 0 or more, not \(self.refresh)"
            case !(0...1 ~= self.audit): "audit must be from 0 to 1, not \(self.audit)"
            case self.topCount < 0: "topCount must be 0 or more, not \(self.topCount)"
            case self.smoothing < .zero: "smoothing must be 0 or more, not \(self.smoothing)"
            default: nil
            }
        if let problem { throw ModelError(code: .invalidSetting, message: problem) }
    }
}
