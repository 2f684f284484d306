public import GerundCore

/// The best labels of a whole clip.
public struct ClassificationRecord: Sendable, Hashable {
    /// The source's name.
    public var source: SourceID
    /// The best label.
    public var label: String
    /// The best label's probability against the background phrases alone, in 0...1.
    public var score: Double
    /// The best label's part of the softmax over all labels and background phrases, in 0...1.
    public var probability: Double
    /// The best labels with their scores, best first.
    public var top: [ScoredLabel]
    /// The number of windows whose logits were averaged.
    public var windows: Int
    /// The media time that a window covered: shorter than requested if the clip is.
    public var window: Duration

    /// Creates a record.
    public init(
        source: SourceID, label: String, score: Double, probability: Double, top: [ScoredLabel], windows: Int,
        window: Duration
    ) {
        self.source = source
        self.label = label
        self.score = score
        self.probability = probability
        self.top = top
        self.windows = windows
        self.window = window
    }
}

extension ClassificationRecord: RecordProtocol {
    /// The value `classification`.
    public static let recordType = "classification"

    private enum CodingKeys: String, CodingKey {
        case type, source, label, score, probability, top, windows
        case window = "window_s"
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        try json.requireType(Self.recordType, forKey: .type)
        self.init(
            source: try json.decodeSource(forKey: .source), label: try json.decode(String.self, forKey: .label),
            score: try json.decodeNumber(forKey: .score), probability: try json.decodeNumber(forKey: .probability),
            top: try json.decode([ScoredLabel].self, forKey: .top),
            windows: try json.decode(Int.self, forKey: .windows),
            window: try json.decodeDuration(secondsForKey: .window))
    }

    /// Encodes the members that the schema documents.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(Self.recordType, forKey: .type)
        try json.encode(self.source, forKey: .source)
        try json.encode(self.label, forKey: .label)
        try json.encode(self.score, decimals: 3, forKey: .score)
        try json.encode(self.probability, decimals: 3, forKey: .probability)
        try json.encode(self.top, forKey: .top)
        try json.encode(self.windows, forKey: .windows)
        try json.encodeSeconds(self.window, decimals: 3, forKey: .window)
    }
}
