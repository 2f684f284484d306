import Foundation
import GerundCore
import GerundRecords
import GerundTesting
import Testing

@testable import GerundTerminal

@Suite("Snapshots of the full-screen view")
struct ScreenSnapshotTests {
    /// A run with three sources in different states, one of them with losses.
    private static func busy() -> ScreenFixture {
        var screen = ScreenFixture()
        screen.model = ScreenModel(sources: ["door", "yard", "gate"].map { SourceID($0) })
        screen.run()
        screen.source(.connected(codec: "h264", width: 640, height: 360, fps: 25), source: "door")
        screen.source(.warmingUp, source: "door")
        for window in 8..<120 {
            let time = Double(window) / 4
            screen.label(
                window > 60 ? "falling down" : "none", at: time, score: 0.5 + 0.45 * Double(window % 12) / 12,
                source: "door")
            screen.label("walking", at: time, score: 0.93, source: "yard", mode: "fast")
        }
        screen.event(.started(score: 0.8), "walking", id: "1", from: 2, at: 3, source: "yard")
        screen.event(.started(score: 0.9), "falling down", id: "2", from: 15, at: 16, source: "door")
        screen.event(
            .ended(
                at: MediaTime(seconds: 18.5), endTime: screen.date(18.5), peakScore: 0.97, isInterrupted: false),
            "falling down", id: "2", from: 15, at: 20, source: "door")
        screen.dropped(12, at: 21, source: "yard")
        screen.source(.degraded(mode: "fast", windowsPerSecond: 1, frameDropRatio: 0.5), at: 22, source: "yard")
        screen.source(.recovered(mode: "exact", windowsPerSecond: 4), at: 25, source: "yard")
        screen.source(.disconnected(error: "no packet for 10 s", retryIn: .seconds(4)), at: 28, source: "gate")
        return screen
    }

    @Test("Several sources on an ordinary terminal")
    func severalSources() {
        #expect(Snapshot.difference(of: Self.busy().text(rows: 24, columns: 80, at: 30), from: "screen-80x24") == nil)
    }

    @Test("Several sources on a large terminal")
    func large() {
        #expect(Snapshot.difference(of: Self.busy().text(rows: 40, columns: 132, at: 30), from: "screen-132x40") == nil)
    }

    @Test("Several sources on a small terminal")
    func small() {
        #expect(Snapshot.difference(of: Self.busy().text(rows: 8, columns: 40, at: 30), from: "screen-40x8") == nil)
    }

    @Test("A terminal without Unicode")
    func ascii() {
        var screen = Self.busy()
        screen.style.hasUnicode = false
        #expect(Snapshot.difference(of: screen.text(rows: 24, columns: 80, at: 30), from: "screen-ascii") == nil)
    }

    @Test("One source with colors")
    func colors() {
        var screen = ScreenFixture()
        screen.style.hasColor = true
        screen.run()
        for window in 8..<80 { screen.label("waving a hand", at: Double(window) / 4) }
        screen.event(.started(score: 0.8), "waving a hand", from: 2, at: 3)
        let text = screen.text(rows: 16, columns: 80, at: 20).replacing("\u{1b}", with: "␛")
        #expect(Snapshot.difference(of: text, from: "screen-colors") == nil)
    }

    @Test("The help")
    func help() {
        var screen = Self.busy()
        screen.press("?", at: 30)
        #expect(Snapshot.difference(of: screen.text(rows: 24, columns: 80, at: 30), from: "screen-help") == nil)
    }

    @Test("A filter that matches nothing, while it is edited")
    func filter() {
        var screen = Self.busy()
        screen.press("/nothing", at: 30)
        #expect(Snapshot.difference(of: screen.text(rows: 12, columns: 80, at: 30), from: "screen-filter") == nil)
    }

    @Test("Before the first record")
    func empty() {
        #expect(Snapshot.difference(of: ScreenFixture().text(rows: 12, columns: 80), from: "screen-empty") == nil)
    }

    /// The bundled clip after 20 seconds, as README shows it.
    private static func clip() -> ScreenFixture {
        let source = "everyday-actions.mp4"
        var screen = ScreenFixture()
        screen.run()
        screen.source(.connected(codec: "h264", width: 640, height: 360, fps: 25), source: source)
        let actions = [(0.0, "none"), (5.725, "walking"), (8.725, "waving a hand"), (14.725, "kicking")]
        for window in 8...80 {
            let time = Double(window) / 4
            let (start, label) = actions.last { $0.0 <= time } ?? actions[0]
            let score = label == "none" ? 0.02 : min(0.95, 0.55 + 0.4 * (time - start))
            screen.label(
                label, at: time, score: score, source: source,
                others: [ScoredLabel(label: "falling down", score: 0.17), ScoredLabel(label: "punching", score: 0.16)])
        }
        for (index, end) in [8.725, 14.725, nil].enumerated() {
            let (start, label) = actions[index + 1]
            screen.event(.started(score: 0.84), label, id: label, from: start, at: start + 1.5, source: source)
            guard let end else { continue }
            screen.event(
                .ended(
                    at: MediaTime(seconds: end), endTime: screen.date(end), peakScore: 0.95, isInterrupted: false),
                label, id: label, from: start, at: end + 1.5, source: source)
        }
        return screen
    }

    @Test("README shows a screen as it is drawn")
    func readme() throws {
        let lines = Self.clip().lines(rows: 12, columns: 80, at: 20).map { line in
            String(line.reversed().drop { $0 == " " }.reversed())
        }
        #expect(Snapshot.difference(of: lines.joined(separator: "\n"), from: "screen-readme") == nil)
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let readme = try String(contentsOfFile: root + "/README.md", encoding: .utf8)
        #expect(readme.contains(lines.joined(separator: "\n")))
    }
}
