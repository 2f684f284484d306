import FoundationEssentials
import GerundCore
import GerundRecords

/// The state that the view shows: all sources, and the newest events and messages.
struct ScreenData: Sendable {
    /// One line of the list of events and messages.
    struct Entry: Sendable {
        enum Content: Sendable {
            /// An event.
            ///
            /// - Parameters:
            ///   - id: The event's identifier.
            ///   - label: The event's label.
            ///   - start: The media time at which it started.
            ///   - end: The media time at which it ended; `nil` while it is ongoing.
            ///   - score: The highest score so far.
            ///   - isInterrupted: Whether the event was cut short, for example by a disconnection.
            case event(id: String, label: String, start: MediaTime, end: MediaTime?, score: Double, isInterrupted: Bool)
            /// A message about a source or the program.
            ///
            /// - Parameter isWarning: Whether something is wrong.
            case message(String, isWarning: Bool)
        }

        var time: Date
        /// `nil` for a message that concerns all sources.
        var source: SourceID?
        var content: Content
    }

    /// The maximum number of entries; the oldest are removed.
    static let entryLimit = 500

    private(set) var run: RunRecord?
    /// The sources in the given order, followed by others in the order of their first records.
    private(set) var sources: [ScreenSource] = []
    /// The events and messages, the newest first.
    private(set) var entries: [Entry] = []
    private var indices: [SourceID: Int] = [:]

    /// Creates a state without events.
    ///
    /// - Parameter sources: The known sources, in the order in which they are to be shown.
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
            if let text = Self.message(of: source.state) {
                let content = Entry.Content.message(text, isWarning: source.state.isWarning)
                self.add(Entry(time: source.time, source: source.source, content: content))
            }
            self.withSource(source.source) { $0.recordArrived(record, at: now) }
        case .framesDropped(let dropped):
            self.droppedArrived(dropped)
            self.withSource(dropped.source) { $0.recordArrived(record, at: now) }
        case .audit(let audit): self.withSource(audit.source) { $0.recordArrived(record, at: now) }
        case .summary(let summary): self.withSource(summary.source) { $0.recordArrived(record, at: now) }
        }
    }

    /// Adds a message that is not in a record, such as a log that can't be written.
    mutating func messageArrived(_ text: String, time: Date) {
        self.add(Entry(time: time, source: nil, content: .message(text, isWarning: true)))
    }

    private mutating func withSource(_ id: SourceID, _ change: (inout ScreenSource) -> Void) {
        let index = self.indices[id] ?? self.sources.count
        if index == self.sources.count {
            self.indices[id] = index
            self.sources.append(ScreenSource(id: id))
        }
        change(&self.sources[index])
    }

    private mutating func eventArrived(_ event: EventRecord) {
        var (end, score, isInterrupted): (MediaTime?, Double, Bool) = (nil, 0, false)
        switch event.phase {
        case .started(let value): score = value
        case .updated(let peak): score = peak
        case .ended(let time, _, let peak, let wasInterrupted):
            (end, score, isInterrupted) = (time, peak, wasInterrupted)
        }
        let content = Entry.Content.event(
            id: event.id, label: event.label, start: event.start, end: end, score: score, isInterrupted: isInterrupted)
        let index = self.entries.firstIndex {
            if case .event(event.id, _, _, _, _, _) = $0.content { true } else { false }
        }
        if let index {
            self.entries[index].content = content
        } else {
            self.add(Entry(time: event.time, source: event.source, content: content))
        }
    }

    /// Merges consecutive losses into one entry: a machine that is behind would fill the list with them.
    private mutating func droppedArrived(_ record: FramesDroppedRecord) {
        let before = self.indices[record.source].map { self.sources[$0].dropped } ?? 0
        let old = Self.message(ofDropped: before)
        let index = self.entries.prefix(8).firstIndex {
            if $0.source == record.source, case .message(old, _) = $0.content { true } else { false }
        }
        if let index { self.entries.remove(at: index) }
        let content = Entry.Content.message(Self.message(ofDropped: before + record.count), isWarning: true)
        self.add(Entry(time: record.time, source: record.source, content: content))
    }

    private static func message(ofDropped count: Int) -> String { "\(count) frames dropped: recognition is behind" }

    private mutating func add(_ entry: Entry) {
        self.entries.insert(entry, at: 0)
        if self.entries.count > Self.entryLimit { self.entries.removeLast() }
    }

    private static func message(of state: SourceRecord.State) -> String? {
        switch state {
        case .connected(let codec, let width, let height, let rate):
            "connected: \(codec) \(width)x\(height)" + (rate.map { ", \($0.fixed(1)) fps" } ?? "")
        case .warmingUp: nil
        case .degraded(let mode, let rate, let dropping):
            "degraded: \(mode) mode, \(rate.fixed(1)) windows/s"
                + (dropping > 0 ? ", dropping \((100 * dropping).fixed(0)) % of frames" : "")
        case .recovered(let mode, let rate): "recovered: \(mode) mode, \(rate.fixed(1)) windows/s"
        case .disconnected(let reason, _): "disconnected: \(reason)"
        case .ended: "ended"
        case .failed(let reason): "failed: \(reason)"
        }
    }
}

extension SourceRecord.State {
    fileprivate var isWarning: Bool {
        switch self {
        case .disconnected, .failed, .degraded: true
        case .connected, .warmingUp, .ended, .recovered: false
        }
    }
}
