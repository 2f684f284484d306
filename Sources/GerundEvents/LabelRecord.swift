public import FoundationEssentials
public import GerundCore

/// What one window shows, after smoothing.
public struct LabelRecord: Sendable, Hashable {
    public var source: SourceID
    /// Media time of the window's newest frame.
    public var t: MediaTime
    public var time: Date
    /// The leading label, or ``none``.
    public var label: String
    /// The label's smoothed score; that of ``none`` is what the best label lacks to 1.
    public var score: Double
    /// The best labels with their smoothed scores, best first.
    public var top: [ScoredLabel]
    /// How the window was computed: `exact` or `fast`.
    public var mode: String
    /// From the newest frame's decoding to this record.
    public var latency: Duration

    /// The label that stands for nothing of what was asked for.
    public static let none = "none"

    public init(
        source: SourceID, t: MediaTime, time: Date, label: String, score: Double, top: [ScoredLabel], mode: String,
        latency: Duration
    ) {
        self.source = source
        self.t = t
        self.time = time
        self.label = label
        self.score = score
        self.top = top
        self.mode = mode
        self.latency = latency
    }

    var json: JSONLine {
        var json = JSONLine(type: "label")
        json.add("source", self.source.name)
        json.add("t", self.t.seconds, decimals: 3)
        json.add("time", self.time.rfc3339)
        json.add("label", self.label)
        json.add("score", self.score, decimals: 3)
        json.add("top", self.top)
        json.add("mode", self.mode)
        json.add("latency_ms", self.latency.inMilliseconds, decimals: 1)
        return json
    }
}
