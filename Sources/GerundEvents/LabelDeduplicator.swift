import GerundCore
public import GerundRecords

/// A filter that drops label records whose label repeats the source's previous one.
public struct LabelDeduplicator: Sendable {
    private var labels: [SourceID: String?] = [:]

    /// Creates a filter that has seen no records.
    public init() {}

    /// Returns whether a record should be emitted: `false` for a label record with the same label as its source's
    /// previous one, `true` for any other record.
    ///
    /// After a change of the source's own state every label counts as new.
    public mutating func shouldEmit(_ record: Record) -> Bool {
        switch record {
        case .label(let record):
            return self.labels.updateValue(record.label, forKey: record.source) != .some(record.label)
        case .source(let record):
            // A change of load affects how windows are computed, not what they show.
            if !record.state.isLoadChange { self.labels[record.source] = nil }
            return true
        case .run, .event, .framesDropped, .audit, .summary:
            return true
        }
    }
}
