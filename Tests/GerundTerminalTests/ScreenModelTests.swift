import FoundationEssentials
import GerundCore
import GerundEvents
import Testing

@testable import GerundTerminal

/// A view that is fed with records, and what it shows.
struct ScreenFixture {
    let start = ContinuousClock.now
    var model = ScreenModel()
    var style = ScreenStyle(hasColor: false, hasUnicode: true, offsetFromUTC: .zero)

    mutating func label(
        _ label: String, at seconds: Double, score: Double = 0.93, source: String = "door", mode: String = "exact"
    ) {
        let other = ScoredLabel(label: "clapping", score: 0.25)
        let best = ScoredLabel(label: label == LabelRecord.none ? "waving" : label, score: score)
        self.model.recordArrived(
            .label(
                LabelRecord(
                    source: SourceID(source), t: MediaTime(seconds: seconds), time: self.date(seconds), label: label,
                    score: score, top: [best, other], mode: mode, latency: .milliseconds(23))),
            at: self.start + .seconds(seconds))
    }

    mutating func source(_ state: SourceRecord.State, at seconds: Double = 0, source: String = "door") {
        self.model.recordArrived(
            .source(SourceRecord(source: SourceID(source), state: state, time: self.date(seconds))),
            at: self.start + .seconds(seconds))
    }

    mutating func event(
        _ phase: EventRecord.Phase, _ label: String = "walking", id: String = "1", from start: Double,
        at seconds: Double,
        source: String = "door"
    ) {
        self.model.recordArrived(
            .event(
                EventRecord(
                    phase: phase, id: id, source: SourceID(source), label: label, start: MediaTime(seconds: start),
                    time: self.date(seconds))),
            at: self.start + .seconds(seconds))
    }

    mutating func dropped(_ count: Int, at seconds: Double, source: String = "door") {
        self.model.recordArrived(
            .dropped(
                DroppedRecord(
                    source: SourceID(source), frames: count, since: self.date(seconds), t: MediaTime(seconds: seconds),
                    time: self.date(seconds))),
            at: self.start + .seconds(seconds))
    }

    @discardableResult
    mutating func press(_ keys: String, at seconds: Double = 0) -> ScreenModel.KeyAction {
        var action = ScreenModel.KeyAction.redraw
        for key in KeyDecoder().keys(keys.utf8) {
            action = self.model.keyPressed(key, at: self.start + .seconds(seconds))
        }
        return action
    }

    func date(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 36_000 + seconds) }

    /// - Parameter seconds: Since the first record.
    func lines(rows: Int = 24, columns: Int = 80, at seconds: Double = 0) -> [String] {
        self.model.frame(
            ScreenSize(rows: rows, columns: columns), self.style, at: self.start + .seconds(seconds),
            clock: self.date(seconds))
    }

    func text(rows: Int = 24, columns: Int = 80, at seconds: Double = 0) -> String {
        self.lines(rows: rows, columns: columns, at: seconds).joined(separator: "\n")
    }

    /// The text with single spaces, however wide the columns are.
    func words(at seconds: Double = 0) -> String {
        self.text(at: seconds).split(separator: " ").joined(separator: " ")
    }
}

@Suite("The screen's model")
struct ScreenModelTests {
    private var screen = ScreenFixture()

    @Test("shows what every source is busy with, from opening to its end")
    mutating func states() {
        self.screen.source(.open(codec: "h264", width: 640, height: 360, rate: 25))
        #expect(self.screen.words().contains("○ door warming up"))
        self.screen.label("walking", at: 1)
        #expect(self.screen.words(at: 1).contains("● door walking"))
        self.screen.source(.lost(reason: "no packet for 10 s", retry: .seconds(4)), at: 2)
        #expect(self.screen.words(at: 3.5).contains("✗ door lost, next try in 3 s"))
        self.screen.source(.failed(reason: "no such file"), at: 6)
        #expect(self.screen.words(at: 6).contains("✗ door failed: no such file"))
        self.screen.source(.ended, at: 7)
        #expect(self.screen.words(at: 7).contains("■ door ended"))
    }

    @Test("shows the sources in the order that was given, also before they are heard of")
    mutating func order() {
        self.screen.model = ScreenModel(sources: ["yard", "door", "gate"].map { SourceID($0) })
        self.screen.label("walking", at: 1, source: "door")
        let names = self.screen.lines(at: 1).compactMap { line in
            ["yard", "door", "gate"].first { line.hasPrefix(" ○ \($0)") || line.hasPrefix(" ● \($0)") }
        }
        #expect(names == ["yard", "door", "gate"])
        #expect(self.screen.words(at: 1).contains("○ yard opening"))
    }

    @Test("lists events newest first, as going on until they end")
    mutating func events() throws {
        self.screen.label("walking", at: 8)
        self.screen.event(.start(score: 0.8), from: 5.5, at: 7)
        self.screen.event(.start(score: 0.7), "waving", id: "2", from: 7.5, at: 8)
        var lines = self.screen.lines(at: 8)
        let waving = try #require(lines.firstIndex { $0.hasPrefix(" 10:00:08  waving") })
        #expect(lines[waving + 1].hasPrefix(" 10:00:07  walking"))
        #expect(lines[waving + 1].contains("   2.5 s …  0.80  0:00:05.50"))
        self.screen.event(.end(MediaTime(seconds: 7.5), peak: 0.97, isInterrupted: false), from: 5.5, at: 9)
        self.screen.event(
            .end(MediaTime(seconds: 75), peak: 0.9, isInterrupted: true), "waving", id: "2", from: 7.5, at: 76)
        lines = self.screen.lines(at: 76)
        #expect(lines.allSatisfy { $0.columnCount <= 80 })
        #expect(lines[waving].contains("    1:07 !  0.90  0:00:07.50  interrupted"))
        #expect(lines[waving + 1].contains("   2.0 s    0.97  0:00:05.50"))
        #expect(lines.count { $0.contains("walking   ") && $0.hasPrefix(" 10:") } == 1)
    }

    @Test("tells losses in the list, those of frames in a row as one")
    mutating func notices() {
        self.screen.label("walking", at: 1)
        self.screen.dropped(3, at: 2)
        self.screen.dropped(4, at: 3)
        self.screen.source(.degraded(mode: "fast", rate: 1, dropping: 0.5), at: 4)
        self.screen.model.noticeArrived("the log can't be written", time: self.screen.date(5))
        let text = self.screen.text(at: 5)
        #expect(text.contains(" 10:00:05  the log can't be written"))
        #expect(text.contains(" 10:00:04  behind: fast, 1.0 windows/s, 50 % of the frames left out"))
        #expect(text.contains(" 10:00:03  7 frames dropped: recognition is behind"))
        #expect(!text.contains("3 frames dropped"))
        #expect(self.screen.lines(at: 5)[0].contains("7 dropped"))
    }

    @Test("keeps the newest events only, however long it runs")
    mutating func bounded() {
        for number in 0..<2000 {
            self.screen.event(.start(score: 1), "event \(number)", id: "\(number)", from: 0, at: Double(number))
        }
        #expect(self.screen.model.shown.entries.count == ScreenData.entryLimit)
        #expect(self.screen.text(at: 2000).contains("event 1999"))
    }

    @Test("sums the rates of all sources, and names the longest delay and the modes in the title")
    mutating func title() {
        for window in 0..<20 {
            for source in ["door", "yard"] {
                self.screen.label(
                    "walking", at: Double(window) / 4, source: source, mode: source == "door" ? "exact" : "fast")
            }
        }
        let title = self.screen.lines(columns: 100, at: 5)[0]
        for part in ["8.0 windows/s", "23 ms", "exact+fast", "0 dropped", "2/2 live", "10:00:05"] {
            #expect(title.contains(part), "\(part)")
        }
        // No window for long: no rate is better than an old one.
        #expect(!self.screen.lines(columns: 100, at: 60)[0].contains("windows/s"))
    }

    // MARK: Keys

    @Test("ends at q, but first puts the help away")
    mutating func quit() {
        #expect(self.screen.press("?") == .redraw)
        #expect(self.screen.text().contains("pause the display"))
        #expect(self.screen.press("q") == .redraw)
        #expect(!self.screen.text().contains("pause the display"))
        #expect(self.screen.press("q") == .quit)
    }

    @Test("stands still while it is paused, and then shows what came meanwhile")
    mutating func pause() {
        self.screen.label("walking", at: 1)
        let before = self.screen.lines(at: 1)
        self.screen.press(" ", at: 1)
        self.screen.label("waving", at: 2)
        self.screen.event(.start(score: 1), "waving", from: 1, at: 2)
        let paused = self.screen.lines(at: 30)
        #expect(paused[0].hasSuffix("paused "))
        #expect(paused[1..<23] == before[1..<23])
        self.screen.press(" ", at: 31)
        let after = self.screen.words(at: 31)
        #expect(after.contains("● door waving"))
        #expect(after.contains("10:00:02 waving"))
    }

    @Test("shows only what has the filter's text in its name or label, whatever its case")
    mutating func filter() {
        self.screen.label("walking", at: 1, source: "door")
        self.screen.label("waving", at: 1, source: "yard")
        self.screen.event(.start(score: 1), "falling down", id: "1", from: 0, at: 1, source: "door")
        self.screen.event(.start(score: 1), "waving", id: "2", from: 0, at: 1, source: "yard")
        func text() -> String { self.screen.lines(at: 1)[1..<23].joined(separator: "\n") }
        self.screen.press("/Wav")
        #expect(!text().contains("door") && text().contains("yard"))
        #expect(self.screen.lines(at: 1)[23].hasPrefix(" /Wav"))
        // Keys that mean something else are text here.
        #expect(self.screen.press("q?") == .redraw)
        #expect(text().contains("no source passes the filter"))
        self.screen.press("\u{7f}\u{7f}\r")
        #expect(self.screen.lines(at: 1)[23].hasSuffix("/Wav "))
        #expect(!text().contains("door") && text().contains("yard"))
        self.screen.press("\u{1b}")
        #expect(text().contains("door") && text().contains("yard"))
        self.screen.press("/down")
        #expect(text().contains("falling down") && !text().contains("yard"))
        self.screen.press("\u{1b}")
        #expect(text().contains("yard"))
    }

    @Test("scrolls the sources when there are more than fit")
    mutating func scrolling() {
        for number in 10..<42 { self.screen.label("walking", at: 1, source: "camera\(number)") }
        func sources() -> [Substring] {
            self.screen.lines(at: 1).filter { $0.hasPrefix(" ●") }.map { $0.dropFirst(3).prefix(8) }
        }
        #expect(sources().first == "camera10")
        #expect(self.screen.text(at: 1).contains("1-\(sources().count) of 32 sources"))
        self.screen.press("jj\u{1b}[B")
        #expect(sources().first == "camera13")
        self.screen.press("\u{1b}OAk")
        #expect(sources().first == "camera11")
        self.screen.press(String(repeating: "j", count: 100))
        #expect(sources().last == "camera41")
    }
}
