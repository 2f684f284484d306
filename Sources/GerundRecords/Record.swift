import FoundationEssentials

/// A record that a run of continuous recognition emits.
///
/// Encoded as the record itself: the member `type` distinguishes the cases.
public enum Record: Sendable, Hashable {
    /// The settings of the run: its first record.
    case run(RunRecord)
    /// The recognized label of one window.
    case label(LabelRecord)
    /// The start, an update or the end of an event.
    case event(EventRecord)
    /// A change of a source's state.
    case source(SourceRecord)
    /// Frames that were dropped because recognition was behind.
    case framesDropped(FramesDroppedRecord)
    /// The measured error of fast mode.
    case audit(AuditRecord)
    /// The totals of a source: its last record.
    case summary(SummaryRecord)

    /// The record within the case.
    public var base: any RecordProtocol {
        switch self {
        case .run(let record): record
        case .label(let record): record
        case .event(let record): record
        case .source(let record): record
        case .framesDropped(let record): record
        case .audit(let record): record
        case .summary(let record): record
        }
    }

    /// The record as one line of JSON, without its line end.
    public var jsonLine: String { RecordEncoder.text(of: self) }

    /// A Boolean value that indicates whether the record belongs in an event log: every record except the labels of
    /// single windows.
    public var belongsInEventLog: Bool {
        if case .label = self { false } else { true }
    }
}

extension Record: Codable {
    /// Decodes the record that the member `type` names.
    public init(from decoder: any Decoder) throws {
        switch try RecordEnvelope(from: decoder).type {
        case RunRecord.recordType: self = .run(try RunRecord(from: decoder))
        case LabelRecord.recordType: self = .label(try LabelRecord(from: decoder))
        case EventRecord.recordType: self = .event(try EventRecord(from: decoder))
        case SourceRecord.recordType: self = .source(try SourceRecord(from: decoder))
        case FramesDroppedRecord.recordType: self = .framesDropped(try FramesDroppedRecord(from: decoder))
        case AuditRecord.recordType: self = .audit(try AuditRecord(from: decoder))
        case SummaryRecord.recordType: self = .summary(try SummaryRecord(from: decoder))
        case let type:
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: [RecordEnvelope.CodingKeys.type], debugDescription: "'\(type)' is not a record of a run"
                ))
        }
    }

    /// Encodes the record within the case.
    public func encode(to encoder: any Encoder) throws {
        try self.base.encode(to: encoder)
    }
}

extension Record {
    /// Reads a record from one line of JSON.
    ///
    /// Members that this version doesn't know are ignored.
    ///
    /// - Parameter jsonLine: The line, with or without its line end.
    /// - Throws: ``RecordError`` if the line isn't a record of a run.
    public init(jsonLine: String) throws(RecordError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(jsonLine.utf8))
        } catch {
            throw RecordError(decoding: error)
        }
    }
}

/// The member that every record has.
struct RecordEnvelope: Decodable {
    enum CodingKeys: String, CodingKey {
        case type
    }

    var type: String
}
