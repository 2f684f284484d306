public import FoundationEssentials
public import GerundCore

/// The recognized label of one window, after smoothing.
public struct LabelRecord: Sendable, Hashable {
    /// The source's name.
    public var source: SourceID
    /// The media time of the window's newest frame.
    public var mediaTime: MediaTime
    /// The wall-clock time at which the record was created, in UTC.
    public var time: Date
    /// The leading label; `nil` if no label is above its threshold.
    public var label: String?
    /// The leading label's smoothed score, in 0...1; without a label, 1 minus the best label's score.
    public var score: Double
    /// The best labels with their smoothed scores, best first.
    public var top: [ScoredLabel]
    /// The mode in which the window was computed: `exact` or `fast`.
    public var mode: String
    /// The elapsed real time from the newest frame becoming available (decoded and, for a paced source, due) to this
    /// record.
    public var latency: Duration

    /// Creates a record.
    public init(
        source: SourceID, mediaTime: MediaTime, time: Date, label: String?, score: Double, top: [ScoredLabel],
        mode: String, latency: Duration
    ) {
        self.source = source
        self.mediaTime = mediaTime
        self.time = time
        self.label = label
        self.score = score
        self.top = top
        self.mode = mode
        self.latency = latency
    }
}

extension LabelRecord: RecordProtocol {
    /// The value `label`.
    public static let recordType = "label"

    private enum CodingKeys: String, CodingKey {
        case type, source
        case mediaTime = "media_time"
        case time, label, score, top, mode
        case latency = "latency_ms"
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        try json.requireType(Self.recordType, forKey: .type)
        self.init(
            source: try json.decodeSource(forKey: .source), mediaTime: try json.decodeMediaTime(forKey: .mediaTime),
            time: try json.decodeTime(forKey: .time), label: try json.decode(String?.self, forKey: .label),
            score: try json.decodeNumber(forKey: .score), top: try json.decode([ScoredLabel].self, forKey: .top),
            mode: try json.decode(String.self, forKey: .mode),
            latency: try json.decodeDuration(millisecondsForKey: .latency))
    }

    /// Encodes the members that the schema documents.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(Self.recordType, forKey: .type)
        try json.encode(self.source, forKey: .source)
        try json.encode(self.mediaTime, forKey: .mediaTime)
        try json.encode(self.time, forKey: .time)
        try json.encode(self.label, forKey: .label)
        try json.encode(self.score, decimals: 3, forKey: .score)
        try json.encode(self.top, forKey: .top)
        try json.encode(self.mode, forKey: .mode)
        try json.encodeMilliseconds(self.latency, forKey: .latency)
    }
}
