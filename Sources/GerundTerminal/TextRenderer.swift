import GerundCore
public import GerundEvents

/// Records as text for people: one line for each change, and on a terminal a live line below them.
///
///     0:00:04.25  walking                0.97
///
/// Only makes text; whoever writes it writes each piece at once, so that lines of several writers don't mix.
public struct TextRenderer: Sendable {
    /// May be changed between two records: terminals are resized.
    public var style: TextStyle
    private var labels: [SourceID: String] = [:]
    private var status = StatusLine()
    private var isStatusShown = false
    private var lastDrawn: ContinuousClock.Instant?

    /// The live line is drawn no more often than this.
    static let redrawInterval: Duration = .milliseconds(100)

    public init(style: TextStyle) {
        self.style = style
    }

    /// - Parameter now: Steers the live line only.
    /// - Returns: What to write; empty when the record changes nothing that is shown.
    public mutating func recordArrived(_ record: Record, at now: ContinuousClock.Instant) -> String {
        let lines = self.lines(for: record)
        guard self.style.hasStatusLine else { return lines }

        self.status.recordArrived(record, at: now)
        let isDue = self.lastDrawn.map { now - $0 >= Self.redrawInterval } ?? true
        guard !lines.isEmpty || isDue else { return "" }
        self.lastDrawn = now
        let status = self.status.text(self.style)
        defer { self.isStatusShown = !status.isEmpty }
        let cleared = self.isStatusShown ? Self.clearLine : ""
        return cleared + lines + status.inked(.quiet, self.style)
    }

    /// What to write at the end, so that the prompt comes on a line of its own.
    public mutating func ended() -> String {
        defer { self.isStatusShown = false }
        return self.isStatusShown ? Self.clearLine : ""
    }

    /// To the line's start, then erase to its end (ECMA-48, EL).
    private static let clearLine = "\r\u{1b}[K"

    private mutating func lines(for record: Record) -> String {
        switch record {
        case .label(let record):
            guard self.labels.updateValue(record.label, forKey: record.source) != record.label else { return "" }
            let isQuiet = record.label == LabelRecord.none
            return self.line(
                record.source, at: record.t, record.label.printable.padded(to: 22),
                ink: isQuiet ? .quiet : .label, then: isQuiet ? "" : record.score.fixed(2))
        case .source(let record):
            guard let text = self.text(record.state) else { return "" }
            if !record.state.isAboutLoad { self.labels[record.source] = nil }
            return self.line(record.source, at: nil, text, ink: .trouble)
        case .dropped(let record):
            return self.line(
                record.source, at: record.t, "\(record.frames) frames dropped: recognition is behind",
                ink: .trouble)
        case .run, .event, .audit, .end:
            return ""
        }
    }

    /// What is worth a line: how a source opens shows by its labels, why it was given up is told as the error.
    private func text(_ state: SourceRecord.State) -> String? {
        switch state {
        case .lost(let reason, let retry): "lost: \(reason.printable); next try in \(retry.inSeconds.fixed(1)) s"
        case .degraded(let mode, let rate, let dropping):
            "recognition is behind: \(mode) windows, \(rate.fixed(1)) a second"
                + (dropping > 0 ? ", \((100 * dropping).fixed(0)) % of the frames left out" : "")
        case .recovered(let mode, let rate): "recognition keeps up again: \(mode) windows, \(rate.fixed(1)) a second"
        case .open, .warming, .ended, .failed: nil
        }
    }

    private func line(
        _ source: SourceID, at time: MediaTime?, _ text: String, ink: Ink, then rest: String = ""
    ) -> String {
        let name = self.style.namesSource ? source.name.printable.padded(to: 12) + "  " : ""
        let clock = time.map(Self.clock) ?? String(repeating: " ", count: 10)
        return "\(clock)  \(name)\(text.inked(ink, self.style))\(rest.isEmpty ? "" : " " + rest)\n"
    }

    /// `0:00:12.25`
    static func clock(_ time: MediaTime) -> String {
        let hundredths = max(0, (time.nanoseconds + 5_000_000) / 10_000_000)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let seconds = hundredths / 100
        return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(two(hundredths % 100))"
    }
}
