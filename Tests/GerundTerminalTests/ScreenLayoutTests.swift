import GerundCore
import GerundRecords
import Testing

@testable import GerundTerminal

@Suite("ScreenLayout")
struct ScreenLayoutTests {
    /// Sources in every state, with names and labels of every kind.
    private static func fixture(sources: Int) -> ScreenFixture {
        var screen = ScreenFixture()
        let names = ["door", "駐車場の入口カメラ", "👩‍👩‍👧 garden", "a-very-long-name-of-a-camera-in-the-yard", "\u{1b}[31mred\u{7}"]
        for number in 0..<sources {
            let name = names[number % names.count] + (number < names.count ? "" : " \(number)")
            switch number % 4 {
            case 3: screen.source(.disconnected(error: "no packet for 10 s", retryIn: .seconds(3)), source: name)
            default:
                for window in 0..<200 {
                    screen.label(
                        number % 2 == 0 ? "drinking coffee ☕ from a large cup, slowly" : "none",
                        at: Double(window), score: Double(window % 11) / 10, source: name)
                }
            }
            screen.event(.started(score: 0.9), "歩いている", id: "\(number)", from: 3, at: 4, source: name)
        }
        screen.dropped(12, at: 5)
        return screen
    }

    @Test("Fits every terminal size, from one character up", arguments: [0, 1, 2, 8, 32])
    func sizes(sources: Int) {
        var screen = Self.fixture(sources: sources)
        for keys in ["", "?", "?/wal"] {
            screen.press(keys)
            for hasUnicode in [true, false] {
                screen.style.hasUnicode = hasUnicode
                for rows in [1, 2, 3, 4, 5, 6, 7, 10, 24, 50] {
                    for columns in [1, 2, 3, 5, 10, 20, 39, 40, 60, 75, 76, 80, 120, 300] {
                        let lines = screen.lines(rows: rows, columns: columns, at: 200)
                        #expect(lines.count == rows)
                        let widest = lines.max { $0.columnCount < $1.columnCount } ?? ""
                        #expect(widest.columnCount <= columns, "\(rows)x\(columns): \(widest)")
                        #expect(!lines.contains { $0.unicodeScalars.contains("\u{1b}") })
                    }
                }
            }
        }
    }

    @Test("Has room for rate and latency below the shortest name")
    func details() {
        var screen = ScreenFixture()
        for source in ["a", "b"] {
            for window in 0..<40 { screen.label("walking", at: Double(window) / 4, source: source) }
        }
        #expect(screen.text(at: 10).contains(/\n   4\.0\/s \d+ ms\s/))
    }

    @Test("Uses ASCII only on a terminal without Unicode")
    func ascii() {
        var screen = ScreenFixture()
        screen.style.hasUnicode = false
        screen.label("walking around in circles for hours", at: 1)
        screen.event(.started(score: 1), "walking around in circles for hours", from: 0, at: 1)
        #expect(screen.lines(at: 1).allSatisfy { $0.unicodeScalars.allSatisfy(\.isASCII) })
        screen.press("?")
        #expect(screen.lines(at: 1).allSatisfy { $0.unicodeScalars.allSatisfy(\.isASCII) })
    }

    @Test("Writes colors only if they are enabled")
    func colors() {
        var screen = ScreenFixture()
        screen.label("walking", at: 1)
        #expect(!screen.text(at: 1).contains("\u{1b}"))
        screen.style.hasColor = true
        #expect(screen.text(at: 1).contains("\u{1b}[1;32mwalking"))
    }

    @Test("Shows one source large, and many in one line each")
    func density() {
        func layout(_ rows: Int, _ sources: Int) -> ScreenRows { ScreenRows(rows: rows, sourceCount: sources) }
        #expect(layout(24, 1).sourceHeight == 4)
        #expect(layout(24, 8).sourceHeight == 1)
        #expect(layout(40, 8).sourceHeight == 2)
        #expect(layout(10, 32).sourceHeight == 1)
        for rows in 1...60 {
            for sources in 0...40 {
                let layout = layout(rows, sources)
                let fixed = [layout.hasTitle, layout.hasKeys, layout.hasSourceHeading].filter { $0 }.count
                #expect(layout.sourceRows + layout.eventRows + fixed == rows)
                #expect(layout.sourceRows >= 1)
                #expect(layout.eventRows >= 0)
            }
        }
    }

    @Test("Keeps every source reachable by scrolling", arguments: 1...12)
    func scroll(rows: Int) {
        for count in 0...40 {
            var seen: Set<Int> = []
            for offset in 0...count {
                let scroll = ScreenScroll(count: count, rows: rows, height: 1, offset: offset)
                #expect(scroll.shown.count + (scroll.hidden > 0 ? 1 : 0) <= rows)
                seen.formUnion(scroll.shown)
            }
            #expect(seen == Set(0..<count))
        }
    }

    @Test("Draws the best score of each second, and nothing for seconds without windows")
    func history() {
        var history = ScoreHistory()
        let start = ContinuousClock.now
        history.record(0.2, isLabel: false, at: start)
        history.record(0.9, isLabel: true, at: start + .seconds(0.5))
        history.record(0.4, isLabel: false, at: start + .seconds(2.1))
        history.record(.nan, isLabel: false, at: start + .seconds(3))
        let scores = history.last(6, at: start + .seconds(4)).map { $0?.score }
        #expect(scores == [nil, 0.9, nil, 0.4, 0, nil])
        #expect(history.last(3, at: start + .seconds(100_000)) == [nil, nil, nil])
        history.record(1, isLabel: true, at: start + .seconds(100_000))
        #expect(history.last(2, at: start + .seconds(100_000)).map { $0?.score } == [nil, 1])
    }

    @Test("Stacks a graph of several rows from the bottom")
    func graph() {
        func column(_ score: Double, _ hasUnicode: Bool = true) -> String {
            String((0..<3).map { ScoreGraph.character(score, row: $0, of: 3, hasUnicode: hasUnicode) })
        }
        #expect(column(1) == "███")
        #expect(column(0.5) == " ▄█")
        #expect(column(0) == "  ▁")
        #expect(column(.nan) == "  ▁")
        #expect(column(2) == "███")
        #expect(column(0.5, false) == " :|")
    }
}
