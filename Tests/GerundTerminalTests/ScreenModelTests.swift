import FoundationEssentials
import GerundCore
import GerundRecords
import Testing

@testable import GerundTerminal

@Suite("ScreenModel")
struct ScreenModelTests {
    private var screen = ScreenFixture()

    @Test("Shows the state of every source, from opening to its end")
    mutating func states() {
        self.screen.source(.connected(codec: "h264", width: 640, height: 360, fps: 25))
        #expect(self.screen.words().contains("○ door warming up"))
        self.screen.label("walking", at: 1)
        #expect(self.screen.words(at: 1).contains("● door walking"))
        self.screen.source(.disconnected(error: "no packet for 10 s", retryIn: .seconds(4)), at: 2)
        #expect(self.screen.words(at: 3.5).contains("✗ door disconnected, retrying in 3 s"))
        self.screen.source(.failed(error: "no such file"), at: 6)
        #expect(self.screen.words(at: 6).contains("✗ door failed: no such file"))
        self.screen.source(.ended, at: 7)
        #expect(self.screen.words(at: 7).contains("■ door ended"))
    }

    @Test("Shows the sources in the given order, before their first record too")
    mutating func order() {
        self.screen.model = ScreenModel(sources: ["yard", "door", "gate"].map { SourceID($0) })
        self.screen.label("walking", at: 1, source: "door")
        let names = self.screen.lines(at: 1).compactMap { line in
            ["yard", "door", "gate"].first { line.hasPrefix(" ○ \($0)") || line.hasPrefix(" ● \($0)") }
        }
        #expect(names == ["yard", "door", "gate"])
        #expect(self.screen.words(at: 1).contains("○ yard opening"))
    }

    @Test("Lists events newest first, as ongoing until they end")
    mutating func events() throws {
        self.screen.label("walking", at: 8)
        self.screen.event(.started(score: 0.8), from: 5.5, at: 7)
        self.screen.event(.started(score: 0.7), "waving", id: "2", from: 7.5, at: 8)
        var lines = self.screen.lines(at: 8)
        let waving = try #require(lines.firstIndex { $0.hasPrefix(" 10:00:08  waving") })
        #expect(lines[waving + 1].hasPrefix(" 10:00:07  walking"))
        #expect(lines[waving + 1].contains("   2.5 s …  0.80  0:00:05.50"))
        self.screen.event(
            .ended(at: MediaTime(seconds: 7.5), endTime: .distantPast, peakScore: 0.97, isInterrupted: false),
            from: 5.5, at: 9)
        self.screen.event(
            .ended(at: MediaTime(seconds: 75), endTime: .distantPast, peakScore: 0.9, isInterrupted: true), "waving",
            id: "2", from: 7.5, at: 76)
        lines = self.screen.lines(at: 76)
        #expect(lines.allSatisfy { $0.columnCount <= 80 })
        #expect(lines[waving].contains("    1:07 !  0.90  0:00:07.50  interrupted"))
        #expect(lines[waving + 1].contains("   2.0 s    0.97  0:00:05.50"))
        #expect(lines.count { $0.contains("walking   ") && $0.hasPrefix(" 10:") } == 1)
    }

    @Test("Lists losses, consecutive dropped frames as one entry")
    mutating func notices() {
        self.screen.label("walking", at: 1)
        self.screen.dropped(3, at: 2)
        self.screen.dropped(4, at: 3)
        self.screen.source(.degraded(mode: "fast", windowsPerSecond: 1, frameDropRatio: 0.5), at: 4)
        self.screen.model.messageArrived("the log can't be written", time: self.screen.date(5))
        let text = self.screen.text(at: 5)
        #expect(text.contains(" 10:00:05  the log can't be written"))
        #expect(text.contains(" 10:00:04  degraded: fast mode, 1.0 windows/s, dropping 50 % of frames"))
        #expect(text.contains(" 10:00:03  7 frames dropped: recognition is behind"))
        #expect(!text.contains("3 frames dropped"))
        #expect(self.screen.lines(at: 5)[0].contains("7 dropped"))
    }

    @Test("Keeps only the newest events")
    mutating func bounded() {
        for number in 0..<2000 {
            self.screen.event(.started(score: 1), "event \(number)", id: "\(number)", from: 0, at: Double(number))
        }
        #expect(self.screen.model.shown.entries.count == ScreenData.entryLimit)
        #expect(self.screen.text(at: 2000).contains("event 1999"))
    }

    @Test("Shows the sum of all rates, the longest latency and the modes in the title")
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

    @Test("Quits at q, but closes the help first")
    mutating func quit() {
        #expect(self.screen.press("?") == .redraw)
        #expect(self.screen.text().contains("pause or resume the display"))
        #expect(self.screen.press("q") == .redraw)
        #expect(!self.screen.text().contains("pause or resume the display"))
        #expect(self.screen.press("q") == .quit)
    }

    @Test("Freezes while paused, and then shows what came meanwhile")
    mutating func pause() {
        self.screen.label("walking", at: 1)
        let before = self.screen.lines(at: 1)
        self.screen.press(" ", at: 1)
        self.screen.label("waving", at: 2)
        self.screen.event(.started(score: 1), "waving", from: 1, at: 2)
        let paused = self.screen.lines(at: 30)
        #expect(paused[0].hasSuffix("paused "))
        #expect(paused[1..<23] == before[1..<23])
        self.screen.press(" ", at: 31)
        let after = self.screen.words(at: 31)
        #expect(after.contains("● door waving"))
        #expect(after.contains("10:00:02 waving"))
    }

    @Test("Shows only sources and events whose name or label contains the filter, ignoring case")
    mutating func filter() {
        self.screen.label("walking", at: 1, source: "door")
        self.screen.label("waving", at: 1, source: "yard")
        self.screen.event(.started(score: 1), "falling down", id: "1", from: 0, at: 1, source: "door")
        self.screen.event(.started(score: 1), "waving", id: "2", from: 0, at: 1, source: "yard")
        func text() -> String { self.screen.lines(at: 1)[1..<23].joined(separator: "\n") }
        self.screen.press("/Wav")
        #expect(!text().contains("door") && text().contains("yard"))
        #expect(self.screen.lines(at: 1)[23].hasPrefix(" /Wav"))
        // Keys that mean something else are text here.
        #expect(self.screen.press("q?") == .redraw)
        #expect(text().contains("no matching sources"))
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

    @Test("Scrolls the sources if there are more than fit")
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
