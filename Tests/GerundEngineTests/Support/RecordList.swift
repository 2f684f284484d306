import GerundCore
import GerundEngine
import GerundEvents
import Synchronization

/// A sink that keeps what it is told, and fails or cancels when a test wants it to.
final class RecordList: RecordSink {
    struct Full: Error, Hashable {}

    private let records = Mutex<[Record]>([])
    private let onRecord: @Sendable (Int, Record) async throws -> Void

    /// - Parameter onRecord: Called with every record and its number; what it throws, the sink throws.
    init(onRecord: @escaping @Sendable (Int, Record) async throws -> Void = { _, _ in }) {
        self.onRecord = onRecord
    }

    /// Everything that was offered, also what was refused.
    var all: [Record] { self.records.withLock { $0 } }

    func take(_ record: Record) async throws {
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
            case .dropped(let record): record.source.name == source
            case .audit(let record): record.source.name == source
            case .end(let record): record.source.name == source
            }
        }
    }

    var labels: [LabelRecord] {
        self.all.compactMap { if case .label(let record) = $0 { record } else { nil } }
    }

    var audits: [AuditRecord] {
        self.all.compactMap { if case .audit(let record) = $0 { record } else { nil } }
    }

    var events: [EventRecord] {
        self.all.compactMap { if case .event(let record) = $0 { record } else { nil } }
    }

    /// Whether every event that started has ended, once, with the same id, one after the other.
    var eventsAreClosed: Bool {
        var open: [String: String] = [:]
        for event in self.events {
            switch event.phase {
            case .start:
                guard open.updateValue(event.id, forKey: event.source.name) == nil else { return false }
            case .update:
                guard open[event.source.name] == event.id else { return false }
            case .end(let end, _, _):
                guard open.removeValue(forKey: event.source.name) == event.id, end >= event.start else { return false }
            }
        }
        return open.isEmpty
    }

    /// The kinds of the records, in order: `run`, `open`, `label`, `start`, `end`, `ended`, ...
    static func kinds(_ records: [Record]) -> [String] {
        records.map { record in
            switch record {
            case .run: "run"
            case .label: "label"
            case .event(let event):
                switch event.phase {
                case .start: "start"
                case .update: "update"
                case .end: "stop"
                }
            case .dropped: "dropped"
            case .audit: "audit"
            case .end: "end"
            case .source(let source):
                switch source.state {
                case .open: "open"
                case .warming: "warming"
                case .degraded: "degraded"
                case .recovered: "recovered"
                case .lost: "lost"
                case .ended: "ended"
                case .failed: "failed"
                }
            }
        }
    }
}
