public import FoundationEssentials
import GerundCore
import GerundEvents

extension ScreenModel {
    /// The view as lines, one for each row of the terminal and none wider than it.
    ///
    /// - Parameter now: Steers what goes on by itself: the history, the time to the next try, the clock.
    public func frame(
        _ size: ScreenSize, _ style: ScreenStyle, at now: ContinuousClock.Instant, clock: Date
    ) -> [String] {
        guard size.rows > 0, size.columns > 0 else { return [] }
        let layout = ScreenLayout(
            model: self, size: size, style: style, now: self.moment(now), clock: clock)
        let textStyle = TextStyle(
            hasStatusLine: false, hasColor: style.hasColor, hasUnicode: style.hasUnicode, columns: size.columns)
        var lines = layout.lines().prefix(size.rows).map { $0.text(textStyle) }
        while lines.count < size.rows { lines.append("") }
        return lines
    }
}

/// One frame: what stands where.
struct ScreenLayout {
    let model: ScreenModel
    let size: ScreenSize
    let style: ScreenStyle
    let now: ContinuousClock.Instant
    let clock: Date

    func lines() -> [ScreenLine] {
        if self.model.isHelpShown { return self.helpLines() }
        let sources = self.model.visibleSources
        let areas = ScreenAreas(rows: self.size.rows, sourceCount: sources.count)
        var lines: [ScreenLine] = []
        if areas.hasTitle { lines.append(self.titleLine()) }
        lines += self.sourceLines(sources, areas)
        lines += self.entryLines(rows: areas.eventRows)
        while lines.count < self.size.rows - (areas.hasKeys ? 1 : 0) { lines.append(self.line()) }
        if areas.hasKeys { lines.append(self.keyLine()) }
        return lines
    }

    func line() -> ScreenLine { ScreenLine(limit: self.size.columns, hasUnicode: self.style.hasUnicode) }

    // MARK: Title and keys

    private func titleLine() -> ScreenLine {
        var line = self.line()
        let data = self.model.shown
        line.add(" gerund", .title)
        if let run = data.run, self.size.columns >= 70 { line.add("  " + run.model, .quiet) }
        let right = self.model.isPaused ? "paused " : self.time(self.clock) + " "
        let rates = data.sources.compactMap { $0.windowRate(at: self.now) }
        let latency = data.sources.compactMap { $0.state == .live ? $0.label?.latency : nil }.max()
        let modes = Set(data.sources.compactMap { $0.state == .live ? $0.label?.mode : nil })
        let dropped = data.sources.reduce(0) { $0 + $1.dropped }
        var parts: [(String, Ink?)] = [
            (rates.isEmpty ? "" : "\(rates.reduce(0, +).fixed(1)) windows/s", nil),
            (latency.map { "\($0.inMilliseconds.fixed(0)) ms" } ?? "", nil),
            (modes.sorted().joined(separator: "+"), nil),
        ]
        parts.append(("\(dropped) dropped", dropped > 0 ? .trouble : .quiet))
        if data.sources.count > 1 {
            let live = data.sources.count { $0.state == .live }
            let isTrouble = data.sources.contains(where: \.isInTrouble)
            parts.append(("\(live)/\(data.sources.count) live", isTrouble ? .trouble : nil))
        }
        for (text, ink) in parts where !text.isEmpty && text.columnCount + 4 + right.columnCount < line.room {
            line.add("   ")
            line.add(text, ink)
        }
        line.addRight(right, self.model.isPaused ? .trouble : .quiet)
        return line
    }

    private func keyLine() -> ScreenLine {
        var line = self.line()
        if self.model.isEditingFilter {
            line.add(" /" + self.model.filter, .title)
            line.add(self.style.hasUnicode ? "▏" : "_")
            line.addRight("Enter keep   Esc clear ", .quiet)
            return line
        }
        let keys = [("q", "quit"), ("?", "help"), ("/", "filter"), ("space", self.model.isPaused ? "go on" : "pause")]
        for (key, meaning) in keys {
            line.add(" \(key) ", .bar)
            line.add(" \(meaning)  ")
        }
        if !self.model.filter.isEmpty { line.addRight("/\(self.model.filter.printable) ", .trouble) }
        return line
    }

    private func helpLines() -> [ScreenLine] {
        let keys = [
            ("q", "quit"), ("?", "this help, and back"),
            ("/", "show only sources and events with a text in their name or label;"),
            ("", "Enter keeps the filter, Esc takes it away"),
            ("space", "pause the display and go on; recognition always goes on"),
            ("j k", "scroll the sources, as the arrow keys do"), ("Ctrl-Z", "leave for the shell; fg comes back"),
        ]
        let isUnicode = self.style.hasUnicode
        let signs = [
            (ScreenSource.State.live, "live"), (.warming, "opening, or waiting for the first window"),
            (.failed(reason: ""), "lost or failed"), (.ended, "ended"),
        ]
        var lines = [self.line()]
        lines[0].add(" gerund", .title)
        lines[0].add("  what people do on camera", .quiet)
        lines.append(self.line())
        func add(_ left: String, _ right: String, _ ink: Ink?) {
            var line = self.line()
            line.add("  ")
            line.add(left, width: 8, ink)
            line.add(right)
            lines.append(line)
        }
        for (key, meaning) in keys { add(key, meaning, .title) }
        lines.append(self.line())
        for (state, meaning) in signs { add(state.sign(isUnicode), meaning, state.ink) }
        lines.append(self.line())
        add(isUnicode ? "▁▄█" : ".:|", "the best score of each second, the newest at the right", .active)
        add(isUnicode ? "▁▄█" : ".:|", "the same while it was not enough for a label", .quiet)
        return lines
    }

    // MARK: Text

    /// Local time of day: `18:20:12`.
    func time(_ date: Date) -> String {
        let seconds = date.timeIntervalSince1970 + self.style.offsetFromUTC.inSeconds
        guard seconds.isFinite, abs(seconds) < 1e12 else { return "--:--:--" }
        let day = Int(seconds.rounded(.down))
        let second = ((day % 86400) + 86400) % 86400
        return [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined(separator: ":")
    }

    /// A heading over the whole width.
    func heading(_ texts: [(text: String, column: Int)]) -> ScreenLine {
        var line = self.line()
        for (text, column) in texts where column < self.size.columns {
            line.fill(to: column, .bar)
            line.add(text, .bar)
        }
        line.fill(to: self.size.columns, .bar)
        return line
    }
}
