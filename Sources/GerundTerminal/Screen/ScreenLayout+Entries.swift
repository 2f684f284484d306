import GerundCore
import GerundRecords

/// The offsets of the columns of the list of events; those that don't fit are omitted.
struct EntryColumns: Hashable {
    /// The widths; the name is omitted if there is one source.
    let name: Int, label: Int
    let eventStart: Int
    let start: Int?, duration: Int?, peak: Int?

    static let nameStart = 11
    static let durationWidth = 9

    init(columns: Int, names: [Int]) {
        self.name = names.count > 1 ? max(6, min(names.max() ?? 0, columns / 5, 24)) : 0
        self.eventStart = Self.nameStart + (self.name > 0 ? self.name + 2 : 0)
        self.label = max(8, min(26, columns / 4))
        var end = self.eventStart + self.label
        func offset(_ width: Int) -> Int? {
            guard end + 2 + width <= columns else { return nil }
            defer { end += 2 + width }
            return end + 2
        }
        self.duration = offset(Self.durationWidth)
        self.peak = self.duration.flatMap { _ in offset(4) }
        self.start = self.peak.flatMap { _ in offset(10) }
    }

    var headings: [(text: String, column: Int)] {
        [("TIME", 1)] + (self.name > 0 ? [("SOURCE", Self.nameStart)] : []) + [("EVENT", self.eventStart)]
            + [("DURATION", self.duration.map { $0 + 1 }), ("PEAK", self.peak), ("START", self.start)].compactMap {
                (text, column) in column.map { (text, $0) }
            }
    }
}

extension ScreenLayout {
    /// Returns the list of events and messages, the newest first.
    func entryLines(rows: Int) -> [ScreenLine] {
        guard rows > 0 else { return [] }
        let entries = self.model.visibleEntries
        let columns = EntryColumns(
            columns: self.size.columns, names: self.model.shown.sources.map { $0.id.name.sanitized.columnCount })
        var lines: [ScreenLine] = []
        if rows > 1 { lines.append(self.heading(columns.headings)) }
        for entry in entries.prefix(max(0, rows - lines.count)) { lines.append(self.line(of: entry, columns)) }
        if entries.isEmpty, rows > 1 {
            var line = self.line()
            line.add(self.model.filter.isEmpty ? " nothing yet" : " no matches", .secondary)
            lines.append(line)
        }
        return lines
    }

    private func line(of entry: ScreenData.Entry, _ columns: EntryColumns) -> ScreenLine {
        var line = self.line()
        line.add(" \(self.time(entry.time))  ", .secondary)
        if columns.name > 0 { line.add(entry.source?.name ?? "", width: columns.name) }
        line.fill(to: columns.eventStart)
        switch entry.content {
        case .message(let text, let isWarning): line.add(text, isWarning ? .warning : .secondary)
        case .event(_, let label, let start, let end, let score, let isInterrupted):
            let isOpen = end == nil
            line.add(label, width: columns.label, isOpen ? .label : nil)
            if let column = columns.duration {
                let seconds = end.map { ($0 - start).seconds } ?? self.elapsed(since: start, of: entry.source)
                let mark = isOpen ? (self.style.hasUnicode ? " …" : " +") : isInterrupted ? " !" : "  "
                let text = self.duration(seconds) + mark
                line.fill(to: column + max(0, EntryColumns.durationWidth - text.columnCount))
                line.add(text, isOpen ? .active : nil)
            }
            if let column = columns.peak {
                line.fill(to: column)
                line.add(score.fixed(2), isOpen ? nil : .secondary)
            }
            if let column = columns.start {
                line.fill(to: column)
                line.add(TextRenderer.clock(start))
            }
            if isInterrupted, line.remainingColumns > 13 { line.add("  interrupted", .warning) }
        }
        return line
    }

    private func elapsed(since start: MediaTime, of source: SourceID?) -> Double {
        let newest = self.model.shown.sources.first { $0.id == source }?.label?.mediaTime
        return newest.map { max(0, ($0 - start).seconds) } ?? 0
    }

    /// Returns a duration in the form `2.0 s`, `12:03` or `3:00:12`.
    private func duration(_ seconds: Double) -> String {
        guard seconds >= 60 else { return "\(seconds.fixed(1)) s" }
        let whole = Int(min(seconds, 1e9))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
    }
}
