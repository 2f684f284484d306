import GerundCore
public import GerundRecords

/// A renderer of records as text: one line per change, and on a terminal a status line below them.
///
///     0:00:04.25  walking                0.97
///
/// The caller writes each piece of text with one write, so that lines of several programs don't mix.
public struct TextRenderer: Sendable {
    /// The capabilities of the terminal.
    ///
    /// They may be changed between two records, because terminals are resized.
    public var capabilities: TerminalCapabilities
    private let namesSource: Bool
    private var labels: [SourceID: String?] = [:]
    private var status = StatusLine()
    private var isStatusShown = false
    private var lastDrawn: ContinuousClock.Instant?

    /// The minimum time between two redraws of the status line.
    static let redrawInterval: Duration = .milliseconds(100)

    /// Creates a renderer that has seen no records.
    ///
    /// - Parameters:
    ///   - capabilities: The capabilities of the terminal.
    ///   - namesSource: Whether each line contains the name of its source, which is useful with several sources.
    public init(capabilities: TerminalCapabilities, namesSource: Bool = false) {
        self.capabilities = capabilities
        self.namesSource = namesSource
    }

    /// Processes a record.
    ///
    /// - Parameters:
    ///   - record: The record.
    ///   - now: The current time, for the status line.
    /// - Returns: The text to write; empty if the record changes nothing that is shown.
    public mutating func recordArrived(_ record: Record, at now: ContinuousClock.Instant) -> String {
        let lines = self.lines(for: record)
        guard self.capabilities.hasStatusLine else { return lines }

        self.status.recordArrived(record, at: now)
        let isDue = self.lastDrawn.map { now - $0 >= Self.redrawInterval } ?? true
        guard !lines.isEmpty || isDue else { return "" }
        self.lastDrawn = now
        let status = self.status.text(self.capabilities, namesSource: self.namesSource)
        defer { self.isStatusShown = !status.isEmpty }
        let cleared = self.isStatusShown ? Self.clearLine : ""
        return cleared + lines + status.styled(.secondary, self.capabilities)
    }

    /// Ends the output.
    ///
    /// - Returns: The text to write, so that the shell's prompt appears on an empty line.
    public mutating func ended() -> String {
        defer { self.isStatusShown = false }
        return self.isStatusShown ? Self.clearLine : ""
    }

    /// Moves to the start of the line and erases it (ECMA-48, EL).
    private static let clearLine = "\r\u{1b}[K"

    private mutating func lines(for record: Record) -> String {
        switch record {
        case .label(let record):
            guard self.labels.updateValue(record.label, forKey: record.source) != record.label else { return "" }
            let isSecondary = record.label == nil
            return self.line(
                record.source, at: record.mediaTime, (record.label ?? "none").sanitized.padded(to: 22),
                attribute: isSecondary ? .secondary : .label, then: isSecondary ? "" : record.score.fixed(2))
        case .source(let record):
            guard let text = self.text(record.state) else { return "" }
            if !record.state.isLoadChange { self.labels[record.source] = nil }
            return self.line(record.source, at: nil, text, attribute: .warning)
        case .framesDropped(let record):
            return self.line(
                record.source, at: record.firstMediaTime, "\(record.count) frames dropped: recognition is behind",
                attribute: .warning)
        case .run, .event, .audit, .summary:
            return ""
        }
    }

    /// Returns the line for a change of state; `nil` for changes that labels show, and for those that are reported as
    /// errors.
    private func text(_ state: SourceRecord.State) -> String? {
        switch state {
        case .disconnected(let error, let retryIn):
            "disconnected: \(error.sanitized); retrying in \(retryIn.seconds.fixed(1)) s"
        case .degraded(let mode, let windowsPerSecond, let frameDropRatio):
            "degraded: \(mode) mode, \(windowsPerSecond.fixed(1)) windows/s"
                + (frameDropRatio > 0 ? ", dropping \((100 * frameDropRatio).fixed(0)) % of frames" : "")
        case .recovered(let mode, let windowsPerSecond):
            "recovered: \(mode) mode, \(windowsPerSecond.fixed(1)) windows/s"
        case .connected, .warmingUp, .ended, .failed: nil
        }
    }

    private func line(
        _ source: SourceID, at time: MediaTime?, _ text: String, attribute: TextAttribute, then rest: String = ""
    ) -> String {
        let name = self.namesSource ? source.name.sanitized.padded(to: 12) + "  " : ""
        let clock = time.map(Self.clock) ?? String(repeating: " ", count: 10)
        return "\(clock)  \(name)\(text.styled(attribute, self.capabilities))\(rest.isEmpty ? "" : " " + rest)\n"
    }

    /// Returns a media time in the form `0:00:12.25`.
    static func clock(_ time: MediaTime) -> String {
        let hundredths = max(0, (time.nanoseconds + 5_000_000) / 10_000_000)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let seconds = hundredths / 100
        return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(two(hundredths % 100))"
    }
}
