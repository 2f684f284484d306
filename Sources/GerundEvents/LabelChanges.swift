import GerundCore

/// Tells labels that differ from the one before from those that repeat it.
public struct LabelChanges: Sendable {
    private var labels: [SourceID: String] = [:]

    public init() {}

    /// - Returns: `false` for a label record with the same label as its source's last; `true` for anything else.
    public mutating func isChange(_ record: Record) -> Bool {
        switch record {
        case .label(let record):
            return self.labels.updateValue(record.label, forKey: record.source) != record.label
        case .source(let record):
            // How windows are computed is not what they show.
            if !record.state.isAboutLoad { self.labels[record.source] = nil }
            return true
        case .run, .event, .dropped, .audit, .end:
            return true
        }
    }
}
