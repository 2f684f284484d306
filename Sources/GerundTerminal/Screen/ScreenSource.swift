import GerundCore
import GerundRecords

/// The state of one source.
struct ScreenSource: Sendable {
    enum State: Sendable, Hashable {
        case opening, warmingUp, live
        /// The connection is retried at `retry`.
        case disconnected(error: String, retry: ContinuousClock.Instant)
        case ended
        case failed(error: String)
    }

    let id: SourceID
    private(set) var state = State.opening
    /// The newest label since the source was opened.
    private(set) var label: LabelRecord?
    private(set) var history = ScoreHistory()
    private(set) var dropped = 0
    /// A Boolean value that indicates whether recognition is behind and sheds load.
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
            let isLabel = record.label != nil
            self.history.record(record.top.first?.score ?? (isLabel ? record.score : 0), isLabel: isLabel, at: now)
            self.rate.windowArrived(at: now)
            self.lastWindow = now
        case .source(let record): self.stateChanged(record.state, at: now)
        case .framesDropped(let record): self.dropped += record.count
        case .audit(let record): self.audit = record
        case .run, .event, .summary: break
        }
    }

    private mutating func stateChanged(_ state: SourceRecord.State, at now: ContinuousClock.Instant) {
        switch state {
        case .connected, .warmingUp: self.state = .warmingUp
        case .degraded: self.isDegraded = true
        case .recovered: self.isDegraded = false
        case .disconnected(let error, let retryIn): self.state = .disconnected(error: error, retry: now + retryIn)
        case .ended: self.state = .ended
        case .failed(let error): self.state = .failed(error: error)
        }
        if !state.isLoadChange { self.label = nil }
    }

    /// Returns the number of windows per second; `nil` if there was none in the last ten seconds.
    func windowRate(at now: ContinuousClock.Instant) -> Double? {
        guard let lastWindow = self.lastWindow, now - lastWindow < .seconds(10), self.state == .live else { return nil }
        return self.rate.perSecond
    }
}
