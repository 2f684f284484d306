import GerundCore
import GerundEngine
import GerundEvents
import GerundRecords
import Synchronization
import Testing

/// A sink that keeps all records, and fails or cancels when a test asks it to.
final class RecordList: RecordSink {
    struct Full: Error, Hashable {}

    private let records = Mutex<[Record]>([])
    private let onRecord: @Sendable (Int, Record) async throws -> Void

    /// Creates an empty list.
    ///
    /// - Parameter onRecord: Called with the index of every record and the record; the sink throws what it throws.
    init(onRecord: @escaping @Sendable (Int, Record) async throws -> Void = { _, _ in }) {
        self.onRecord = onRecord
    }

    /// All records, including those that the sink has thrown on.
    var all: [Record] { self.records.withLock { $0 } }

    func write(_ record: Record) async throws {
        let number = self.records.withLock { records in
            records.append(record)
            return records.count - 1
        }
        try await self.onRecord(number, record)
    }
}

extension RecordList {
    func records(of source: String) -> [Record] {
        self.all.filter { record in
            switch record {
            case .run: false
            case .label(let record): record.source.name == source
            case .event(let record): record.source.name == source
            case .source(let record): record.source.name == source
            case .framesDropped(let record): record.source.name == source
            case .audit(let record): record.source.name == source
            case .summary(let record): record.source.name == source
            }
        }
    }

    var labels: [LabelRecord] {
        self.all.compactMap { if case .label(let record) = $0 { record } else { nil } }
    }

    var runs: [RunRecord] {
        self.all.compactMap { if case .run(let record) = $0 { record } else { nil } }
    }

    var summaries: [SummaryRecord] {
        self.all.compactMap { if case .summary(let record) = $0 { record } else { nil } }
    }

    var audits: [AuditRecord] {
        self.all.compactMap { if case .audit(let record) = $0 { record } else { nil } }
    }

    var events: [EventRecord] {
        self.all.compactMap { if case .event(let record) = $0 { record } else { nil } }
    }

    /// The end of an event.
    struct EventEnd: Sendable, Hashable {
        var source: String
        var label: String
        var time: MediaTime
        var isInterrupted: Bool
    }

    /// The ends of all events.
    var ends: [EventEnd] {
        self.events.compactMap { event in
            guard case .ended(let time, _, _, let isInterrupted) = event.phase else { return nil }
            return EventEnd(
                source: event.source.name, label: event.label, time: time, isInterrupted: isInterrupted)
        }
    }

    /// Records an issue unless the events of each source follow each other, and each has one start, one end that is not
    /// before it, and the same id throughout.
    ///
    /// - Returns: The number of closed events. The caller expects a number above zero, at least over all its rounds.
    func closedEventCount(
        _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) -> Int {
        var open: [String: EventRecord] = [:]
        var count = 0
        for event in self.events {
            let source = event.source.name
            let isValid: Bool
            switch event.phase {
            case .started:
                isValid = open.updateValue(event, forKey: source) == nil
            case .updated:
                isValid = open[source]?.id == event.id
            case .ended(let end, _, _, _):
                isValid = open.removeValue(forKey: source)?.id == event.id && end >= event.start
                count += 1
            }
            if !isValid { Issue.record("\(event) \(comment ?? "")", sourceLocation: sourceLocation) }
        }
        if !open.isEmpty { Issue.record("open events: \(open.keys) \(comment ?? "")", sourceLocation: sourceLocation) }
        return count
    }

    /// The kinds of the records, in order: `run`, `connected`, `label`, `start`, `stop`, `ended`, `summary`, and so on.
    static func kinds(_ records: [Record]) -> [String] {
        records.map { record in
            switch record {
            case .run: "run"
            case .label: "label"
            case .event(let event):
                switch event.phase {
                case .started: "start"
                case .updated: "update"
                case .ended: "stop"
                }
            case .framesDropped: "dropped"
            case .audit: "audit"
            case .summary: "summary"
            case .source(let source): source.state.name
            }
        }
    }
}
