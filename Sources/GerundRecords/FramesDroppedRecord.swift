public import FoundationEssentials
public import GerundCore

/// Frames that were dropped because recognition was behind.
public struct FramesDroppedRecord: Sendable, Hashable {
    /// The source's name.
    public var source: SourceID
    /// The number of dropped frames.
    public var count: Int
    /// The media time of the first of them.
    public var firstMediaTime: MediaTime
    /// The wall-clock time at which the first of them arrived, in UTC.
    public var firstTime: Date
    /// The wall-clock time at which the record was created, in UTC.
    public var time: Date

    /// Creates a record.
    public init(source: SourceID, count: Int, firstMediaTime: MediaTime, firstTime: Date, time: Date) {
        self.source = source
        self.count = count
        self.firstMediaTime = firstMediaTime
        self.firstTime = firstTime
        self.time = time
    }
}

extension FramesDroppedRecord: RecordProtocol {
    /// The value `frames_dropped`.
    public static let recordType = "frames_dropped"

    private enum CodingKeys: String, CodingKey {
        case type, source, count
        case firstMediaTime = "first_media_time"
        case firstTime = "first_time"
        case time
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        try json.requireType(Self.recordType, forKey: .type)
        self.init(
            source: try json.decodeSource(forKey: .source), count: try json.decode(Int.self, forKey: .count),
            firstMediaTime: try json.decodeMediaTime(forKey: .firstMediaTime),
            firstTime: try json.decodeTime(forKey: .firstTime), time: try json.decodeTime(forKey: .time))
    }

    /// Encodes the members that the schema documents.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(Self.recordType, forKey: .type)
        try json.encode(self.source, forKey: .source)
        try json.encode(self.count, forKey: .count)
        try json.encode(self.firstMediaTime, forKey: .firstMediaTime)
        try json.encode(self.firstTime, forKey: .firstTime)
        try json.encode(self.time, forKey: .time)
    }
}
