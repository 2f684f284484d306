public import FoundationEssentials
public import GerundCore

/// The error of fast mode relative to exact mode, estimated on randomly drawn windows of a source that were computed in
/// both modes.
public struct AuditRecord: Sendable, Hashable {
    /// The source's name.
    public var source: SourceID
    /// The media time of the newest frame.
    public var mediaTime: MediaTime
    /// The number of windows that were computed in both modes since the source started or the labels last changed.
    public var windows: Int
    /// The number of those windows whose top-ranked text, of labels and background phrases, differs.
    public var top1Changes: Int
    /// The largest difference of any label's score in any of those windows, in 0...1.
    public var maxScoreError: Double
    /// A split-conformal upper bound on the largest score difference in a future window, valid with probability
    /// ``confidence``, in 0...1; 1 if the sample is too small.
    public var scoreErrorBound: Double
    /// The probability with which ``scoreErrorBound`` holds, in 0...1.
    public var confidence: Double
    /// The number of windows, the most recent ones, from which the bound was computed.
    public var sampleSize: Int
    /// The wall-clock time at which the record was created, in UTC.
    public var time: Date

    /// Creates a record.
    public init(
        source: SourceID, mediaTime: MediaTime, windows: Int, top1Changes: Int, maxScoreError: Double,
        scoreErrorBound: Double, confidence: Double, sampleSize: Int, time: Date
    ) {
        self.source = source
        self.mediaTime = mediaTime
        self.windows = windows
        self.top1Changes = top1Changes
        self.maxScoreError = maxScoreError
        self.scoreErrorBound = scoreErrorBound
        self.confidence = confidence
        self.sampleSize = sampleSize
        self.time = time
    }
}

extension AuditRecord: RecordProtocol {
    /// The value `audit`.
    public static let recordType = "audit"

    private enum CodingKeys: String, CodingKey {
        case type, source
        case mediaTime = "media_time"
        case windows
        case top1Changes = "top1_changes"
        case maxScoreError = "max_score_error"
        case scoreErrorBound = "score_error_bound"
        case confidence
        case sampleSize = "sample_size"
        case time
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        try json.requireType(Self.recordType, forKey: .type)
        self.init(
            source: try json.decodeSource(forKey: .source), mediaTime: try json.decodeMediaTime(forKey: .mediaTime),
            windows: try json.decode(Int.self, forKey: .windows),
            top1Changes: try json.decode(Int.self, forKey: .top1Changes),
            maxScoreError: try json.decodeNumber(forKey: .maxScoreError),
            scoreErrorBound: try json.decodeNumber(forKey: .scoreErrorBound),
            confidence: try json.decode(Double.self, forKey: .confidence),
            sampleSize: try json.decode(Int.self, forKey: .sampleSize), time: try json.decodeTime(forKey: .time))
    }

    /// Encodes the members that the schema documents.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(Self.recordType, forKey: .type)
        try json.encode(self.source, forKey: .source)
        try json.encode(self.mediaTime, forKey: .mediaTime)
        try json.encode(self.windows, forKey: .windows)
        try json.encode(self.top1Changes, forKey: .top1Changes)
        try json.encode(self.maxScoreError, decimals: 4, forKey: .maxScoreError)
        try json.encode(self.scoreErrorBound, decimals: 4, forKey: .scoreErrorBound)
        try json.encode(self.confidence, decimals: 2, forKey: .confidence)
        try json.encode(self.sampleSize, forKey: .sampleSize)
        try json.encode(self.time, forKey: .time)
    }
}
