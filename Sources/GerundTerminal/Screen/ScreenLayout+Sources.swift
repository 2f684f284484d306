import GerundCore
import GerundEvents

extension ScreenSource {
    var isInTrouble: Bool {
        switch self.state {
        case .lost, .failed: true
        case .opening, .warming, .live, .ended: self.isDegraded
        }
    }
}

extension ScreenSource.State {
    /// One character that tells the state without colour too.
    func sign(_ hasUnicode: Bool) -> String {
        switch self {
        case .live: hasUnicode ? "●" : "*"
        case .opening, .warming: hasUnicode ? "○" : "o"
        case .lost, .failed: hasUnicode ? "✗" : "!"
        case .ended: hasUnicode ? "■" : "-"
        }
    }

    var ink: Ink {
        switch self {
        case .live: .active
        case .opening, .warming, .ended: .quiet
        case .lost, .failed: .trouble
        }
    }
}

extension ScreenLayout {
    /// Where the columns of the sources' table begin and how wide they are.
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

    func sourceLines(_ sources: [ScreenSource], _ areas: ScreenAreas) -> [ScreenLine] {
        let names = self.model.shown.sources.map { $0.id.name.printable.columnCount }.max() ?? 0
        // Rate and latency stand below the name: `12.5/s 345 ms`.
        let columns = Columns(columns: self.size.columns, names: max(names, areas.sourceHeight > 1 ? 13 : 6))
        var lines: [ScreenLine] = []
        if areas.hasSourceHeading {
            let title = ["HISTORY, \(columns.history) s", "HISTORY", ""].first { $0.count <= columns.history } ?? ""
            lines.append(
                self.heading([
                    ("SOURCE", columns.nameStart), ("NOW", columns.nowStart),
                    (title, columns.historyStart),
                ]))
        }
        if sources.isEmpty, areas.sourceRows > 0 {
            var line = self.line()
            let isFiltered = !self.model.filter.isEmpty && !self.model.shown.sources.isEmpty
            line.add(isFiltered ? "   no source passes the filter" : "   opening", .quiet)
            return lines + [line]
        }
        let scroll = ScreenScroll(
            count: sources.count, rows: areas.sourceRows, height: areas.sourceHeight, wanted: self.model.scroll)
        for source in sources[scroll.shown] {
            for row in 0..<areas.sourceHeight {
                lines.append(self.sourceLine(source, row: row, of: areas.sourceHeight, columns))
            }
        }
        if scroll.hidden > 0 {
            var line = self.line()
            let range = "\(scroll.shown.lowerBound + 1)-\(scroll.shown.upperBound) of \(sources.count)"
            line.add("   \(range) sources, j and k scroll", .quiet)
            lines.append(line)
        }
        return lines
    }

    private func sourceLine(_ source: ScreenSource, row: Int, of height: Int, _ columns: Columns) -> ScreenLine {
        var line = self.line()
        // The last row of the tallest block is a gap.
        guard height < ScreenAreas.greatestHeight || row < height - 1 else { return line }
        let graphRows = height < ScreenAreas.greatestHeight ? height : height - 1
        if row == 0 {
            line.add(" \(source.state.sign(self.style.hasUnicode)) ", source.state.ink)
            line.add(source.id.name, width: columns.name, .title)
            line.add("  ")
            self.addState(of: source, to: &line, columns)
        } else {
            line.add("   ")
            let details = self.details(of: source)
            line.add(row <= details.count ? details[row - 1] : "", width: columns.name, .quiet)
            line.add("  ")
            self.addRunnerUp(row, of: source, to: &line, columns)
        }
        line.fill(to: columns.historyStart)
        self.addGraph(of: source, row: row, of: graphRows, to: &line, columns)
        return line
    }

    /// The label that leads, or what the source is busy with instead.
    private func addState(of source: ScreenSource, to line: inout ScreenLine, _ columns: Columns) {
        guard source.state == .live, let record = source.label else {
            line.add(self.text(source.state), width: columns.historyStart - columns.nowStart - 2, source.state.ink)
            return
        }
        guard record.label != LabelRecord.none else {
            line.add(LabelRecord.none, width: columns.label, .quiet)
            return
        }
        self.add(record.label, record.score, .label, to: &line, columns)
    }

    /// The labels behind the leading one.
    private func addRunnerUp(_ row: Int, of source: ScreenSource, to line: inout ScreenLine, _ columns: Columns) {
        guard source.state == .live, let record = source.label else { return }
        let others = record.top.filter { $0.label != record.label }
        guard row <= others.count else { return }
        self.add(others[row - 1].label, others[row - 1].score, .quiet, to: &line, columns)
    }

    private func add(_ label: String, _ score: Double, _ ink: Ink, to line: inout ScreenLine, _ columns: Columns) {
        line.add(label, width: columns.label, ink)
        line.add(" ")
        if columns.bar > 0 {
            line.add(
                ScoreBar.text(score, width: columns.bar, hasUnicode: self.style.hasUnicode),
                ink == .label ? .active : .quiet)
            line.add(" ")
        }
        line.add(score.fixed(2), ink == .label ? nil : ink)
    }

    private func text(_ state: ScreenSource.State) -> String {
        switch state {
        case .opening: "opening"
        case .warming: "warming up"
        case .live: ""
        case .lost(_, let retry): "lost, next try in \(max(0, (retry - self.now).inSeconds.rounded(.up)).fixed(0)) s"
        case .ended: "ended"
        case .failed(let reason): "failed: \(reason)"
        }
    }

    /// Below the name, the most important first.
    private func details(of source: ScreenSource) -> [String] {
        guard source.state == .live, let record = source.label else {
            if case .lost(let reason, _) = source.state { return [reason] }
            return []
        }
        let rate = source.windowRate(at: self.now).map { "\($0.fixed(1))/s " } ?? ""
        var details = [rate + "\(record.latency.inMilliseconds.fixed(0)) ms"]
        if source.dropped > 0 { details.append("\(source.dropped) dropped") }
        let bound = source.audit.flatMap { $0.bound < 1 ? $0.bound : nil }
        details.append(record.mode + (bound.map { " \(self.style.hasUnicode ? "±" : "+-")\($0.fixed(3))" } ?? ""))
        return details
    }

    private func addGraph(
        of source: ScreenSource, row: Int, of rows: Int, to line: inout ScreenLine, _ columns: Columns
    ) {
        var (run, ink) = ("", Ink.quiet)
        for moment in source.history.last(columns.history, at: self.now) {
            let character = moment.map {
                ScoreGraph.character($0.score, row: row, of: rows, hasUnicode: self.style.hasUnicode)
            }
            // A blank has no colour.
            let next = character == nil || character == " " ? ink : moment?.isLabel == true ? .active : .quiet
            if next != ink {
                line.add(run, ink)
                (run, ink) = ("", next)
            }
            run.append(character ?? " ")
        }
        line.add(run, ink)
    }
}
