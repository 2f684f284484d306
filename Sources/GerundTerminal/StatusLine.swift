import GerundCore
import GerundEvents

/// The live line at the bottom of a terminal: what is seen now, how sure, how fast, how late.
///
///     walking              ████████▋  0.87   4.0 windows/s   12 ms   exact
///     walking              ████████▋  0.87   4.0 windows/s   12 ms   fast   ±0.021   n 60
struct StatusLine {
    private enum State {
        case opening, warming
        case showing(LabelRecord)
        case lost(retry: Duration)
        case over
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
            case .open, .warming: self.states[source.source] = .warming
            case .lost(_, let retry): self.states[source.source] = .lost(retry: retry)
            case .ended, .failed: self.states[source.source] = .over
            // Shows by the labels' mode and by the rate.
            case .degraded, .recovered: return
            }
            self.newest = source.source
        case .dropped(let record): self.dropped += record.frames
        case .audit(let record): self.audits[record.source] = record
        case .run, .event, .end: break
        }
    }

    /// One line that is shorter than the terminal is wide, without its end; empty when there is nothing to say.
    func text(_ style: TextStyle) -> String {
        // A line that wraps could not be taken back: what doesn't fit is cut or left out.
        let parts = self.parts(style).filter { !$0.isEmpty }
        guard let first = parts.first else { return "" }
        var text = first.cut(to: style.columns - 1, hasUnicode: style.hasUnicode)
        for part in parts.dropFirst() {
            let longer = text + "   " + part
            if longer.columnCount >= style.columns { break }
            text = longer
        }
        return text
    }

    /// How far fast windows stray, with 95 % certainty, and how many were looked at, once that says anything.
    private func audit(of source: SourceID, _ style: TextStyle) -> [String] {
        guard let audit = self.audits[source], audit.bound < 1 else { return [] }
        return ["\(style.hasUnicode ? "±" : "+-")\(audit.bound.fixed(3))", "n \(audit.sample)"]
    }

    private func parts(_ style: TextStyle) -> [String] {
        let source = self.newest
        let name = style.namesSource ? source.map { "\($0.name.printable): " } ?? "" : ""
        let tail = self.dropped > 0 ? ["\(self.dropped) dropped"] : []
        switch source.flatMap({ self.states[$0] }) ?? .opening {
        case .opening: return [name + "opening"] + tail
        case .warming: return [name + "warming up"] + tail
        case .lost(let retry): return [name + "lost, next try in \(retry.inSeconds.fixed(0)) s"] + tail
        case .over: return []
        case .showing(let record):
            let bar = ScoreBar.text(record.score, width: 10, hasUnicode: style.hasUnicode)
            // On a narrow terminal the label gives way to its score.
            let room = style.columns - 1 - name.columnCount - 16
            let label = record.label.printable.cut(to: min(max(room, 8), 40), hasUnicode: style.hasUnicode)
            return [
                name + label.padded(to: min(room, 20)) + " " + bar + " " + record.score.fixed(2),
                self.rate.perSecond.map { "\($0.fixed(1)) windows/s" } ?? "",
                "\(record.latency.inMilliseconds.fixed(0)) ms", record.mode,
            ] + self.audit(of: record.source, style) + tail
        }
    }
}
