public import FoundationEssentials
public import GerundCore

/// The start, an update or the end of an event.
///
/// All records of one event carry the same ``id``.
public struct EventRecord: Sendable, Hashable {
    /// A stage in the life of an event.
    public enum Phase: Sendable, Hashable {
        /// The event has started.
        ///
        /// - Parameter score: The label's smoothed score when the start was detected, in 0...1.
        case started(score: Double)
        /// The event is ongoing. Emitted periodically if an update interval is set.
        ///
        /// - Parameter peakScore: The highest smoothed score so far, in 0...1.
        case updated(peakScore: Double)
        /// The event has ended.
        ///
        /// - Parameters:
        ///   - at: The media time at which the action ended, corrected for the time that a window covers.
        ///   - endTime: The wall-clock time at which the action ended, in UTC.
        ///   - peakScore: The highest smoothed score of the event, in 0...1.
        ///   - isInterrupted: Whether the event was cut short: by a disconnection, a discontinuity, a cancellation, or
        ///     the removal of its source or label.
        case ended(at: MediaTime, endTime: Date, peakScore: Double, isInterrupted: Bool)
    }

    /// The stage that the record reports.
    public var phase: Phase
    /// The event's identifier: a ``ULID`` of its start, so that identifiers sort by start.
    ///
    /// The identifier's time is wall-clock time for a live source and media time for a file.
    public var id: String
    /// The source's name.
    public var source: SourceID
    /// The event's label.
    public var label: String
    /// The media time at which the action started, corrected for the time that a window covers.
    public var start: MediaTime
    /// The wall-clock time at which the action started, in UTC.
    public var startTime: Date
    /// The wall-clock time at which the change was detected, in UTC: later than it happened.
    public var time: Date

    /// Creates a record.
    public init(
        phase: Phase, id: String, source: SourceID, label: String, start: MediaTime, startTime: Date, time: Date
    ) {
        self.phase = phase
        self.id = id
        self.source = source
        self.label = label
        self.start = start
        self.startTime = startTime
        self.time = time
    }
}

extension EventRecord: RecordProtocol {
    /// The value `event`.
    public static let recordType = "event"

    private enum CodingKeys: String, CodingKey {
        case type, phase, id, source, label
        case start = "start_s"
        case end = "end_s"
        case startTime = "start_time"
        case endTime = "end_time"
        case score
        case peakScore = "peak_score"
        case interrupted, time
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        try json.requireType(Self.recordType, forKey: .type)
        let phase: Phase
        switch try json.decode(String.self, forKey: .phase) {
        case "started": phase = .started(score: try json.decodeNumber(forKey: .score))
        case "updated": phase = .updated(peakScore: try json.decodeNumber(forKey: .peakScore))
        case "ended":
            phase = .ended(
                at: try json.decodeMediaTime(forKey: .end), endTime: try json.decodeTime(forKey: .endTime),
                peakScore: try json.decodeNumber(forKey: .peakScore),
                isInterrupted: try json.decodeIfPresent(Bool.self, forKey: .interrupted) ?? false)
        case let phase:
            throw DecodingError.dataCorruptedError(
                forKey: .phase, in: json, debugDescription: "'\(phase)' is not a phase of an event")
        }
        self.init(
            phase: phase, id: try json.decode(String.self, forKey: .id), source: try json.decodeSource(forKey: .source),
            label: try json.decode(String.self, forKey: .label), start: try json.decodeMediaTime(forKey: .start),
            startTime: try json.decodeTime(forKey: .startTime), time: try json.decodeTime(forKey: .time))
    }

    /// Encodes the members that the schema documents; `interrupted` only if it is true.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(Self.recordType, forKey: .type)
        try json.encode(self.phase.name, forKey: .phase)
        try json.encode(self.id, forKey: .id)
        try json.encode(self.source, forKey: .source)
        try json.encode(self.label, forKey: .label)
        try json.encode(self.start, forKey: .start)
        if case .ended(let end, _, _, _) = self.phase { try json.encode(end, forKey: .end) }
        try json.encode(self.startTime, forKey: .startTime)
        switch self.phase {
        case .started(let score):
            try json.encode(score, decimals: 3, forKey: .score)
        case .updated(let peakScore):
            try json.encode(peakScore, decimals: 3, forKey: .peakScore)
        case .ended(_, let endTime, let peakScore, let isInterrupted):
            try json.encode(endTime, forKey: .endTime)
            try json.encode(peakScore, decimals: 3, forKey: .peakScore)
            if isInterrupted { try json.encode(true, forKey: .interrupted) }
        }
        try json.encode(self.time, forKey: .time)
    }
}

extension EventRecord.Phase {
    /// The value of the member `phase`.
    public var name: String {
        switch self {
        case .started: "started"
        case .updated: "updated"
        case .ended: "ended"
        }
    }
}
