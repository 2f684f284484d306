import GerundCore
import GerundEvents

/// What is known of one source.
struct ScreenSource: Sendable {
    enum State: Sendable, Hashable {
        case opening, warming, live
        /// Tried again at `retry`.
        case lost(reason: String, retry: ContinuousClock.Instant)
        case ended
        case failed(reason: String)
    }

    let id: SourceID
    private(set) var state = State.opening
    /// The newest label since the source was opened.
    private(set) var label: LabelRecord?
    private(set) var history = ScoreHistory()
    private(set) var dropped = 0
    /// Whether recognition gives something up so that the delay does not grow.
    private(set) var isDegraded = false
    private(set) var audit: AuditRecord?
    private var rate = WindowRate()
    private var lastWindow: ContinuousClock.Instant?

    init(id: SourceID) {
        self.id = id
    }

    mutating func recordArrived(_ record: Record, at now: ContinuousClock.Instant) {
        switch record {
        case .label(let record):
            self.state = .live
            self.label = record
            let isLabel = record.label != LabelRecord.none
            self.history.scored(record.top.first?.score ?? (isLabel ? record.score : 0), isLabel: isLabel, at: now)
            self.rate.windowArrived(at: now)
            self.lastWindow = now
        case .source(let record): self.stateChanged(record.state, at: now)
        case .dropped(let record): self.dropped += record.frames
        case .audit(let record): self.audit = record
        case .run, .event, .end: break
        }
    }

    private mutating func stateChanged(_ state: SourceRecord.State, at now: ContinuousClock.Instant) {
        switch state {
        case .open, .warming: self.state = .warming
        case .degraded: self.isDegraded = true
        case .recovered: self.isDegraded = false
        case .lost(let reason, let retry): self.state = .lost(reason: reason, retry: now + retry)
        case .ended: self.state = .ended
        case .failed(let reason): self.state = .failed(reason: reason)
        }
        if !state.isAboutLoad { self.label = nil }
    }

    /// Windows per second; `nil` when none came lately.
    func windowRate(at now: ContinuousClock.Instant) -> Double? {
        guard let lastWindow = self.lastWindow, now - lastWindow < .seconds(10), self.state == .live else { return nil }
        return self.rate.perSecond
    }
}
