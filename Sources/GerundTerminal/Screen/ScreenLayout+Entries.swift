import GerundCore
import GerundEvents

/// Where the columns of the list of events begin; those that don't fit are left out.
struct EntryColumns: Hashable {
    /// Widths; no name where there is one source.
    let name: Int, label: Int
    let eventStart: Int
    let start: Int?, lasted: Int?, peak: Int?

    static let nameStart = 11
    static let lastedWidth = 9

    init(columns: Int, names: [Int]) {
        self.name = names.count > 1 ? max(6, min(names.max() ?? 0, columns / 5, 24)) : 0
        self.eventStart = Self.nameStart + (self.name > 0 ? self.name + 2 : 0)
        self.label = max(8, min(26, columns / 4))
        var end = self.eventStart + self.label
        func place(_ width: Int) -> Int? {
            guard end + 2 + width <= columns else { return nil }
            defer { end += 2 + width }
            return end + 2
        }
        self.lasted = place(Self.lastedWidth)
        self.peak = self.lasted.flatMap { _ in place(4) }
        self.start = self.peak.flatMap { _ in place(10) }
    }

    var headings: [(text: String, column: Int)] {
        [("FOUND", 1)] + (self.name > 0 ? [("SOURCE", Self.nameStart)] : []) + [("EVENT", self.eventStart)]
            + [("LASTED", self.lasted.map { $0 + 1 }), ("PEAK", self.peak), ("START", self.start)].compactMap {
                (text, column) in column.map { (text, $0) }
            }
    }
}

extension ScreenLayout {
    /// What happened, the newest first.
    func entryLines(rows: Int) -> [ScreenLine] {
        guard rows > 0 else { return [] }
        let entries = self.model.visibleEntries
        let columns = EntryColumns(
            columns: self.size.columns, names: self.model.shown.sources.map { $0.id.name.printable.columnCount })
        var lines: [ScreenLine] = []
        if rows > 1 { lines.append(self.heading(columns.headings)) }
        for entry in entries.prefix(max(0, rows - lines.count)) { lines.append(self.line(of: entry, columns)) }
        if entries.isEmpty, rows > 1 {
            var line = self.line()
            line.add(self.model.filter.isEmpty ? " nothing yet" : " nothing passes the filter", .quiet)
            lines.append(line)
        }
        return lines
    }

    private func line(of entry: ScreenData.Entry, _ columns: EntryColumns) -> ScreenLine {
        var line = self.line()
        line.add(" \(self.time(entry.time))  ", .quiet)
        if columns.name > 0 { line.add(entry.source?.name ?? "", width: columns.name) }
        line.fill(to: columns.eventStart)
        switch entry.content {
        case .notice(let text, let isTrouble): line.add(text, isTrouble ? .trouble : .quiet)
        case .event(_, let label, let start, let end, let score, let isInterrupted):
            let isOpen = end == nil
            line.add(label, width: columns.label, isOpen ? .label : nil)
            if let column = columns.lasted {
                let lasted = end.map { ($0 - start).inSeconds } ?? self.elapsed(since: start, of: entry.source)
                let mark = isOpen ? (self.style.hasUnicode ? " …" : " +") : isInterrupted ? " !" : "  "
                let text = self.duration(lasted) + mark
                line.fill(to: column + max(0, EntryColumns.lastedWidth - text.columnCount))
                line.add(text, isOpen ? .active : nil)
            }
            if let column = columns.peak {
                line.fill(to: column)
                line.add(score.fixed(2), isOpen ? nil : .quiet)
            }
            if let column = columns.start {
                line.fill(to: column)
                line.add(TextRenderer.clock(start))
            }
            if isInterrupted, line.room > 13 { line.add("  interrupted", .trouble) }
        }
        return line
    }

    private func elapsed(since start: MediaTime, of source: SourceID?) -> Double {
        let newest = self.model.shown.sources.first { $0.id == source }?.label?.t
        return newest.map { max(0, ($0 - start).inSeconds) } ?? 0
    }

    /// `2.0 s`, `12:03`, `3:00:12`.
    private func duration(_ seconds: Double) -> String {
        guard seconds >= 60 else { return "\(seconds.fixed(1)) s" }
        let whole = Int(min(seconds, 1e9))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
    }
}
