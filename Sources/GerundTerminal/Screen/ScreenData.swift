import FoundationEssentials
import GerundCore
import GerundEvents

/// What the records have told so far: all sources, and the newest of what happened.
struct ScreenData: Sendable {
    /// One line of the list of what happened.
    struct Entry: Sendable {
        enum Content: Sendable {
            /// - Parameter end: `nil` while it goes on.
            case event(id: String, label: String, start: MediaTime, end: MediaTime?, score: Double, isInterrupted: Bool)
            /// - Parameter isTrouble: Whether something is wrong.
            case notice(String, isTrouble: Bool)
        }

        var time: Date
        /// `nil` for what concerns them all.
        var source: SourceID?
        var content: Content
    }

    /// Old entries go when there are more.
    static let entryLimit = 500

    private(set) var run: RunRecord?
    /// In the order that was given, then in that in which they were first heard of.
    private(set) var sources: [ScreenSource] = []
    /// The newest first.
    private(set) var entries: [Entry] = []
    private var places: [SourceID: Int] = [:]

    /// - Parameter sources: Those that are known already, in the order in which they are to be shown.
    init(sources: [SourceID] = []) {
        for source in sources { self.withSource(source) { _ in } }
    }

    mutating func recordArrived(_ record: Record, at now: ContinuousClock.Instant) {
        switch record {
        case .run(let run): self.run = run
        case .event(let event):
            self.eventArrived(event)
            self.withSource(event.source) { $0.recordArrived(record, at: now) }
        case .label(let label): self.withSource(label.source) { $0.recordArrived(record, at: now) }
        case .source(let source):
            if let text = Self.notice(of: source.state) {
                let content = Entry.Content.notice(text, isTrouble: source.state.isTrouble)
                self.add(Entry(time: source.time, source: source.source, content: content))
            }
            self.withSource(source.source) { $0.recordArrived(record, at: now) }
        case .dropped(let dropped):
            self.droppedArrived(dropped)
            self.withSource(dropped.source) { $0.recordArrived(record, at: now) }
        case .audit(let audit): self.withSource(audit.source) { $0.recordArrived(record, at: now) }
        case .end(let end): self.withSource(end.source) { $0.recordArrived(record, at: now) }
        }
    }

    /// Something that no record tells, such as a log that can't be written.
    mutating func noticeArrived(_ text: String, time: Date) {
        self.add(Entry(time: time, source: nil, content: .notice(text, isTrouble: true)))
    }

    private mutating func withSource(_ id: SourceID, _ change: (inout ScreenSource) -> Void) {
        let place = self.places[id] ?? self.sources.count
        if place == self.sources.count {
            self.places[id] = place
            self.sources.append(ScreenSource(id: id))
        }
        change(&self.sources[place])
    }

    private mutating func eventArrived(_ event: EventRecord) {
        var (end, score, isInterrupted): (MediaTime?, Double, Bool) = (nil, 0, false)
        switch event.phase {
        case .start(let value): score = value
        case .update(let peak): score = peak
        case .end(let time, let peak, let wasInterrupted): (end, score, isInterrupted) = (time, peak, wasInterrupted)
        }
        let content = Entry.Content.event(
            id: event.id, label: event.label, start: event.start, end: end, score: score, isInterrupted: isInterrupted)
        let place = self.entries.firstIndex {
            if case .event(event.id, _, _, _, _, _) = $0.content { true } else { false }
        }
        if let place {
            self.entries[place].content = content
        } else {
            self.add(Entry(time: event.time, source: event.source, content: content))
        }
    }

    /// Losses in a row are one entry: a machine that is behind would fill the list with them.
    private mutating func droppedArrived(_ record: DroppedRecord) {
        let before = self.places[record.source].map { self.sources[$0].dropped } ?? 0
        let old = Self.notice(ofDropped: before)
        let place = self.entries.prefix(8).firstIndex {
            if $0.source == record.source, case .notice(old, _) = $0.content { true } else { false }
        }
        if let place { self.entries.remove(at: place) }
        let content = Entry.Content.notice(Self.notice(ofDropped: before + record.frames), isTrouble: true)
        self.add(Entry(time: record.time, source: record.source, content: content))
    }

    private static func notice(ofDropped count: Int) -> String { "\(count) frames dropped: recognition is behind" }

    private mutating func add(_ entry: Entry) {
        self.entries.insert(entry, at: 0)
        if self.entries.count > Self.entryLimit { self.entries.removeLast() }
    }

    private static func notice(of state: SourceRecord.State) -> String? {
        switch state {
        case .open(let codec, let width, let height, let rate):
            "open: \(codec) \(width)x\(height)" + (rate.map { ", \($0.fixed(1)) frames/s" } ?? "")
        case .warming: nil
        case .degraded(let mode, let rate, let dropping):
            "behind: \(mode), \(rate.fixed(1)) windows/s"
                + (dropping > 0 ? ", \((100 * dropping).fixed(0)) % of the frames left out" : "")
        case .recovered(let mode, let rate): "keeps up again: \(mode), \(rate.fixed(1)) windows/s"
        case .lost(let reason, _): "lost: \(reason)"
        case .ended: "ended"
        case .failed(let reason): "failed: \(reason)"
        }
    }
}

extension SourceRecord.State {
    fileprivate var isTrouble: Bool {
        switch self {
        case .lost, .failed, .degraded: true
        case .open, .warming, .ended, .recovered: false
        }
    }
}
