public import FoundationEssentials
import GerundCore
import GerundRecords

extension ScreenModel {
    /// Returns the view as lines, one per row of the terminal and none wider than it.
    ///
    /// - Parameters:
    ///   - size: The size of the terminal.
    ///   - style: The style in which the view is drawn.
    ///   - now: The current time, for histories, rates and the time until the next attempt.
    ///   - clock: The wall-clock time to show.
    /// - Returns: The lines, with the escape sequences of their colors.
    public func frame(
        _ size: ScreenSize, _ style: ScreenStyle, at now: ContinuousClock.Instant, clock: Date
    ) -> [String] {
        guard size.rows > 0, size.columns > 0 else { return [] }
        let layout = ScreenLayout(
            model: self, size: size, style: style, now: self.displayTime(now), clock: clock)
        let capabilities = TerminalCapabilities(
            hasStatusLine: false, hasColor: style.hasColor, hasUnicode: style.hasUnicode, columns: size.columns)
        var lines = layout.lines().prefix(size.rows).map { $0.text(capabilities) }
        while lines.count < size.rows { lines.append("") }
        return lines
    }
}

/// The layout of one frame.
struct ScreenLayout {
    let model: ScreenModel
    let size: ScreenSize
    let style: ScreenStyle
    let now: ContinuousClock.Instant
    let clock: Date

    func lines() -> [ScreenLine] {
        if self.model.isHelpShown { return self.helpLines() }
        let sources = self.model.visibleSources
        let layout = ScreenRows(rows: self.size.rows, sourceCount: sources.count)
        var lines: [ScreenLine] = []
        if layout.hasTitle { lines.append(self.titleLine()) }
        lines += self.sourceLines(sources, layout)
        lines += self.entryLines(rows: layout.eventRows)
        while lines.count < self.size.rows - (layout.hasKeys ? 1 : 0) { lines.append(self.line()) }
        if layout.hasKeys { lines.append(self.keyLine()) }
        return lines
    }

    func line() -> ScreenLine { ScreenLine(limit: self.size.columns, hasUnicode: self.style.hasUnicode) }

    // MARK: Title and keys

    private func titleLine() -> ScreenLine {
        var line = self.line()
        let data = self.model.shown
        line.add(" gerund", .title)
        if let run = data.run, self.size.columns >= 70 { line.add("  " + run.model, .secondary) }
        let right = self.model.isPaused ? "paused " : self.time(self.clock) + " "
        let rates = data.sources.compactMap { $0.windowRate(at: self.now) }
        let latency = data.sources.compactMap { $0.state == .live ? $0.label?.latency : nil }.max()
        let modes = Set(data.sources.compactMap { $0.state == .live ? $0.label?.mode : nil })
        let dropped = data.sources.reduce(0) { $0 + $1.dropped }
        var parts: [(String, TextAttribute?)] = [
            (rates.isEmpty ? "" : "\(rates.reduce(0, +).fixed(1)) windows/s", nil),
            (latency.map { "\($0.milliseconds.fixed(0)) ms" } ?? "", nil),
            (modes.sorted().joined(separator: "+"), nil),
        ]
        parts.append(("\(dropped) dropped", dropped > 0 ? .warning : .secondary))
        if data.sources.count > 1 {
            let live = data.sources.count { $0.state == .live }
            let isWarning = data.sources.contains(where: \.hasWarning)
            parts.append(("\(live)/\(data.sources.count) live", isWarning ? .warning : nil))
        }
        for (text, attribute) in parts
        where !text.isEmpty && text.columnCount + 4 + right.columnCount < line.remainingColumns {
            line.add("   ")
            line.add(text, attribute)
        }
        line.addRight(right, self.model.isPaused ? .warning : .secondary)
        return line
    }

    private func keyLine() -> ScreenLine {
        var line = self.line()
        if self.model.isEditingFilter {
            line.add(" /" + self.model.filter, .title)
            line.add(self.style.hasUnicode ? "▏" : "_")
            line.addRight("Enter apply   Esc clear ", .secondary)
            return line
        }
        let keys = [("q", "quit"), ("?", "help"), ("/", "filter"), ("space", self.model.isPaused ? "resume" : "pause")]
        for (key, meaning) in keys {
            line.add(" \(key) ", .heading)
            line.add(" \(meaning)  ")
        }
        if !self.model.filter.isEmpty { line.addRight("/\(self.model.filter.sanitized) ", .warning) }
        return line
    }

    private func helpLines() -> [ScreenLine] {
        let keys = [
            ("q", "quit"), ("?", "show or hide this help"),
            ("/", "filter sources and events by name or label;"),
            ("", "Enter applies the filter, Esc clears it"),
            ("space", "pause or resume the display; recognition continues"),
            ("j k", "scroll the sources; also the arrow keys"), ("Ctrl-Z", "suspend (resume with fg)"),
        ]
        let isUnicode = self.style.hasUnicode
        let signs = [
            (ScreenSource.State.live, "live"), (.warmingUp, "opening, or waiting for the first window"),
            (.failed(error: ""), "disconnected or failed"), (.ended, "ended"),
        ]
        var lines = [self.line()]
        lines[0].add(" gerund", .title)
        lines[0].add("  action recognition", .secondary)
        lines.append(self.line())
        func add(_ left: String, _ right: String, _ attribute: TextAttribute?) {
            var line = self.line()
            line.add("  ")
            line.add(left, width: 8, attribute)
            line.add(right)
            lines.append(line)
        }
        for (key, meaning) in keys { add(key, meaning, .title) }
        lines.append(self.line())
        for (state, meaning) in signs { add(state.symbol(isUnicode), meaning, state.attribute) }
        lines.append(self.line())
        add(isUnicode ? "▁▄█" : ".:|", "the best score of each second, the newest on the right", .active)
        add(isUnicode ? "▁▄█" : ".:|", "the same, below the threshold of every label", .secondary)
        return lines
    }

    // MARK: Text

    /// Returns the local time of day in the form `18:20:12`.
    func time(_ date: Date) -> String {
        let seconds = date.timeIntervalSince1970 + self.style.offsetFromUTC.seconds
        guard seconds.isFinite, abs(seconds) < 1e12 else { return "--:--:--" }
        let day = Int(seconds.rounded(.down))
        let second = ((day % 86400) + 86400) % 86400
        return [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined(separator: ":")
    }

    /// Returns a heading over the whole width.
    func heading(_ texts: [(text: String, column: Int)]) -> ScreenLine {
        var line = self.line()
        for (text, column) in texts where column < self.size.columns {
            line.fill(to: column, .heading)
            line.add(text, .heading)
        }
        line.fill(to: self.size.columns, .heading)
        return line
    }
}
