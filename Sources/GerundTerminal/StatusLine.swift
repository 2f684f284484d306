import GerundCore
import GerundRecords

/// The status line at the bottom of a terminal: the current label, its score, the window rate, the latency and the
/// mode.
///
///     walking              ████████▋  0.87   4.0 windows/s   12 ms   exact
///     walking              ████████▋  0.87   4.0 windows/s   12 ms   fast   ±0.021   n=60
struct StatusLine {
    private enum State {
        case opening, warmingUp
        case showing(LabelRecord)
        case disconnected(retryIn: Duration)
        case finished
    }

    private var states: [SourceID: State] = [:]
    private var newest: SourceID?
    private var rate = WindowRate()
    private var dropped = 0
    private var audits: [SourceID: AuditRecord] = [:]

    mutating func recordArrived(_ record: Record, at now: ContinuousClock.Instant) {
        switch record {
        case .label(let label):
            self.states[label.source] = .showing(label)
            self.newest = label.source
            self.rate.windowArrived(at: now)
        case .source(let source):
            switch source.state {
            case .connected, .warmingUp: self.states[source.source] = .warmingUp
            case .disconnected(_, let retry): self.states[source.source] = .disconnected(retryIn: retry)
            case .ended, .failed: self.states[source.source] = .finished
            // Visible in the mode of the labels and in the rate.
            case .degraded, .recovered: return
            }
            self.newest = source.source
        case .framesDropped(let record): self.dropped += record.count
        case .audit(let record): self.audits[record.source] = record
        case .run, .event, .summary: break
        }
    }

    /// Returns one line that is shorter than the width of the terminal, without its end; empty if all sources have
    /// ended.
    func text(_ capabilities: TerminalCapabilities, namesSource: Bool) -> String {
        // A line that wraps could not be erased: what doesn't fit is truncated or omitted.
        let parts = self.parts(capabilities, namesSource: namesSource).filter { !$0.isEmpty }
        guard let first = parts.first else { return "" }
        var text = first.truncated(to: capabilities.columns - 1, hasUnicode: capabilities.hasUnicode)
        for part in parts.dropFirst() {
            let longer = text + "   " + part
            if longer.columnCount >= capabilities.columns { break }
            text = longer
        }
        return text
    }

    /// Returns the bound on the error of fast mode, and the sample size; empty while the sample is too small for a
    /// bound.
    private func audit(of source: SourceID, _ capabilities: TerminalCapabilities) -> [String] {
        guard let audit = self.audits[source], audit.scoreErrorBound < 1 else { return [] }
        return ["\(capabilities.hasUnicode ? "±" : "+-")\(audit.scoreErrorBound.fixed(3))", "n=\(audit.sampleSize)"]
    }

    private func parts(_ capabilities: TerminalCapabilities, namesSource: Bool) -> [String] {
        let source = self.newest
        let name = namesSource ? source.map { "\($0.name.sanitized): " } ?? "" : ""
        let tail = self.dropped > 0 ? ["\(self.dropped) dropped"] : []
        switch source.flatMap({ self.states[$0] }) ?? .opening {
        case .opening: return [name + "opening"] + tail
        case .warmingUp: return [name + "warming up"] + tail
        case .disconnected(let retry): return [name + "disconnected, retrying in \(retry.seconds.fixed(0)) s"] + tail
        case .finished: return []
        case .showing(let record):
            let bar = ScoreBar.text(record.score, width: 10, hasUnicode: capabilities.hasUnicode)
            // On a narrow terminal, the label is truncated in favor of its score.
            let remainingColumns = capabilities.columns - 1 - name.columnCount - 16
            let label = (record.label ?? "none").sanitized.truncated(
                to: min(max(remainingColumns, 8), 40), hasUnicode: capabilities.hasUnicode)
            return [
                name + label.padded(to: min(remainingColumns, 20)) + " " + bar + " " + record.score.fixed(2),
                self.rate.perSecond.map { "\($0.fixed(1)) windows/s" } ?? "",
                "\(record.latency.milliseconds.fixed(0)) ms", record.mode,
            ] + self.audit(of: record.source, capabilities) + tail
        }
    }
}
