/// What Gerund says: one value is one line of JSON, one write, in a log or on standard output.
///
/// Names and meanings of the members are a promise to users' scripts; members are only ever added.
public enum Record: Sendable, Hashable {
    /// What is running: the first record of a run.
    case run(RunRecord)
    /// What one window shows.
    case label(LabelRecord)
    /// An action started or ended.
    case event(EventRecord)
    /// A source changed its state.
    case source(SourceRecord)
    /// Frames went unread.
    case dropped(DroppedRecord)
    /// How far fast windows stray from the exact ones.
    case audit(AuditRecord)
    /// A source is done: its last record.
    case end(EndRecord)

    /// One line of JSON without its end.
    public var jsonLine: String {
        switch self {
        case .run(let record): record.json.finished()
        case .label(let record): record.json.finished()
        case .event(let record): record.json.finished()
        case .source(let record): record.json.finished()
        case .dropped(let record): record.json.finished()
        case .audit(let record): record.json.finished()
        case .end(let record): record.json.finished()
        }
    }

    /// Whether the record belongs into an event log: everything but the labels of single windows.
    public var isLogged: Bool {
        if case .label = self { false } else { true }
    }
}
