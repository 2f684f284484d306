import GerundCore
import GerundRecords

extension ScreenSource {
    var hasWarning: Bool {
        switch self.state {
        case .disconnected, .failed: true
        case .opening, .warmingUp, .live, .ended: self.isDegraded
        }
    }
}

extension ScreenSource.State {
    /// Returns the character that shows the state, also without color.
    func symbol(_ hasUnicode: Bool) -> String {
        switch self {
        case .live: hasUnicode ? "●" : "*"
        case .opening, .warmingUp: hasUnicode ? "○" : "o"
        case .disconnected, .failed: hasUnicode ? "✗" : "!"
        case .ended: hasUnicode ? "■" : "-"
        }
    }

    var attribute: TextAttribute {
        switch self {
        case .live: .active
        case .opening, .warmingUp, .ended: .secondary
        case .disconnected, .failed: .warning
        }
    }
}

extension ScreenLayout {
    /// The offsets and widths of the columns of the sources' table.
    struct Columns {
        let name: Int, label: Int, bar: Int, history: Int
        let labelStart = 3
        var nameStart: Int { self.labelStart }
        var nowStart: Int { 3 + self.name + 2 }
        var historyStart: Int { self.nowStart + self.label + 1 + (self.bar > 0 ? self.bar + 1 : 0) + 4 + 2 }

        init(columns: Int, names: Int) {
            self.name = max(4, min(names, columns / 5, 24))
            self.bar = columns >= 100 ? 10 : columns >= 70 ? 6 : 0
            self.label = max(4, min(26, columns / 4))
            let used = 3 + self.name + 2 + self.label + 1 + (self.bar > 0 ? self.bar + 1 : 0) + 4 + 2
            self.history = max(0, columns - used - 1)
        }
    }

    func sourceLines(_ sources: [ScreenSource], _ layout: ScreenRows) -> [ScreenLine] {
        let names = self.model.shown.sources.map { $0.id.name.sanitized.columnCount }.max() ?? 0
        // Rate and latency are below the name: `12.5/s 345 ms`.
        let columns = Columns(columns: self.size.columns, names: max(names, layout.sourceHeight > 1 ? 13 : 6))
        var lines: [ScreenLine] = []
        if layout.hasSourceHeading {
            let title = ["HISTORY, \(columns.history) s", "HISTORY", ""].first { $0.count <= columns.history } ?? ""
            lines.append(
                self.heading([
                    ("SOURCE", columns.nameStart), ("NOW", columns.nowStart),
                    (title, columns.historyStart),
                ]))
        }
        if sources.isEmpty, layout.sourceRows > 0 {
            var line = self.line()
            let isFiltered = !self.model.filter.isEmpty && !self.model.shown.sources.isEmpty
            line.add(isFiltered ? "   no matching sources" : "   opening", .secondary)
            return lines + [line]
        }
        let scroll = ScreenScroll(
            count: sources.count, rows: layout.sourceRows, height: layout.sourceHeight, offset: self.model.scroll)
        for source in sources[scroll.shown] {
            for row in 0..<layout.sourceHeight {
                lines.append(self.sourceLine(source, row: row, of: layout.sourceHeight, columns))
            }
        }
        if scroll.hidden > 0 {
            var line = self.line()
            let range = "\(scroll.shown.lowerBound + 1)-\(scroll.shown.upperBound) of \(sources.count)"
            line.add("   \(range) sources, j and k scroll", .secondary)
            lines.append(line)
        }
        return lines
    }

    private func sourceLine(_ source: ScreenSource, row: Int, of height: Int, _ columns: Columns) -> ScreenLine {
        var line = self.line()
        // The last row of the tallest block is a gap.
        guard height < ScreenRows.maximumHeight || row < height - 1 else { return line }
        let graphRows = height < ScreenRows.maximumHeight ? height : height - 1
        if row == 0 {
            line.add(" \(source.state.symbol(self.style.hasUnicode)) ", source.state.attribute)
            line.add(source.id.name, width: columns.name, .title)
            line.add("  ")
            self.addState(of: source, to: &line, columns)
        } else {
            line.add("   ")
            let details = self.details(of: source)
            line.add(row <= details.count ? details[row - 1] : "", width: columns.name, .secondary)
            line.add("  ")
            self.addRunnerUp(row, of: source, to: &line, columns)
        }
        line.fill(to: columns.historyStart)
        self.addGraph(of: source, row: row, of: graphRows, to: &line, columns)
        return line
    }

    /// Adds the leading label, or the state of the source if it is not live.
    private func addState(of source: ScreenSource, to line: inout ScreenLine, _ columns: Columns) {
        guard source.state == .live, let record = source.label else {
            line.add(
                self.text(source.state), width: columns.historyStart - columns.nowStart - 2, source.state.attribute)
            return
        }
        guard let label = record.label else {
            line.add("none", width: columns.label, .secondary)
            return
        }
        self.add(label, record.score, .label, to: &line, columns)
    }

    /// Adds the label of a given rank behind the leading one.
    private func addRunnerUp(_ row: Int, of source: ScreenSource, to line: inout ScreenLine, _ columns: Columns) {
        guard source.state == .live, let record = source.label else { return }
        let others = record.top.filter { $0.label != record.label }
        guard row <= others.count else { return }
        self.add(others[row - 1].label, others[row - 1].score, .secondary, to: &line, columns)
    }

    private func add(
        _ label: String, _ score: Double, _ attribute: TextAttribute, to line: inout ScreenLine, _ columns: Columns
    ) {
        line.add(label, width: columns.label, attribute)
        line.add(" ")
        if columns.bar > 0 {
            line.add(
                ScoreBar.text(score, width: columns.bar, hasUnicode: self.style.hasUnicode),
                attribute == .label ? .active : .secondary)
            line.add(" ")
        }
        line.add(score.fixed(2), attribute == .label ? nil : attribute)
    }

    private func text(_ state: ScreenSource.State) -> String {
        switch state {
        case .opening: "opening"
        case .warmingUp: "warming up"
        case .live: ""
        case .disconnected(_, let retry):
            "disconnected, retrying in \(max(0, (retry - self.now).seconds.rounded(.up)).fixed(0)) s"
        case .ended: "ended"
        case .failed(let error): "failed: \(error)"
        }
    }

    /// The lines below the name, the most important first.
    private func details(of source: ScreenSource) -> [String] {
        guard source.state == .live, let record = source.label else {
            if case .disconnected(let error, _) = source.state { return [error] }
            return []
        }
        let rate = source.windowRate(at: self.now).map { "\($0.fixed(1))/s " } ?? ""
        var details = [rate + "\(record.latency.milliseconds.fixed(0)) ms"]
        if source.dropped > 0 { details.append("\(source.dropped) dropped") }
        let bound = source.audit.flatMap { $0.scoreErrorBound < 1 ? $0.scoreErrorBound : nil }
        details.append(record.mode + (bound.map { " \(self.style.hasUnicode ? "±" : "+-")\($0.fixed(3))" } ?? ""))
        return details
    }

    private func addGraph(
        of source: ScreenSource, row: Int, of rows: Int, to line: inout ScreenLine, _ columns: Columns
    ) {
        var (run, attribute) = ("", TextAttribute.secondary)
        for sample in source.history.last(columns.history, at: self.now) {
            let character = sample.map {
                ScoreGraph.character($0.score, row: row, of: rows, hasUnicode: self.style.hasUnicode)
            }
            // A space has no color.
            let next = character == nil || character == " " ? attribute : sample?.isLabel == true ? .active : .secondary
            if next != attribute {
                line.add(run, attribute)
                (run, attribute) = ("", next)
            }
            run.append(character ?? " ")
        }
        line.add(run, attribute)
    }
}
