import FoundationEssentials
import GerundCore
import GerundRecords

@testable import GerundTerminal

/// A full-screen view that tests feed with records and keys.
struct ScreenFixture {
    let start = ContinuousClock.now
    var model = ScreenModel()
    var style = ScreenStyle(hasColor: false, hasUnicode: true, offsetFromUTC: .zero)

    mutating func label(
        _ label: String, at seconds: Double, score: Double = 0.93, source: String = "door", mode: String = "exact",
        others: [ScoredLabel] = [ScoredLabel(label: "clapping", score: 0.25)]
    ) {
        let best = ScoredLabel(label: label == "none" ? "waving" : label, score: score)
        self.model.recordArrived(
            .label(
                LabelRecord(
                    source: SourceID(source), mediaTime: MediaTime(seconds: seconds), time: self.date(seconds),
                    label: label == "none" ? nil : label,
                    score: score, top: [best] + others, mode: mode, latency: .milliseconds(23))),
            at: self.start + .seconds(seconds))
    }

    mutating func run() {
        self.model.recordArrived(
            .run(
                RunRecord(
                    run: "01KARCBM1A0000000000000000", version: "0.2.0", model: "gerund-demo",
                    modelSHA256: String(repeating: "0", count: 64), labels: ["walking"], background: ["an empty room"],
                    window: .seconds(2), windowsPerSecond: 4, framesPerWindow: 8, mode: "auto", precision: "f32",
                    time: self.date(0))), at: self.start)
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
                    startTime: self.date(start),
                    time: self.date(seconds))),
            at: self.start + .seconds(seconds))
    }

    mutating func dropped(_ count: Int, at seconds: Double, source: String = "door") {
        self.model.recordArrived(
            .framesDropped(
                FramesDroppedRecord(
                    source: SourceID(source), count: count, firstMediaTime: MediaTime(seconds: seconds),
                    firstTime: self.date(seconds),
                    time: self.date(seconds))),
            at: self.start + .seconds(seconds))
    }

    @discardableResult
    mutating func press(_ keys: String, at seconds: Double = 0) -> ScreenModel.KeyAction {
        var action = ScreenModel.KeyAction.redraw
        var decoder = KeyDecoder()
        let now = self.start + .seconds(seconds)
        // A lone escape character is the Escape key once nothing has followed it.
        for key in decoder.decode(keys.utf8, at: now) + decoder.decode([], at: now + KeyDecoder.escapeTimeout) {
            action = self.model.keyPressed(key, at: self.start + .seconds(seconds))
        }
        return action
    }

    func date(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 36_000 + seconds) }

    /// Returns the lines of the view.
    ///
    /// - Parameters:
    ///   - rows: The height of the terminal.
    ///   - columns: The width of the terminal.
    ///   - seconds: The time since the first record.
    /// - Returns: One line per row.
    func lines(rows: Int = 24, columns: Int = 80, at seconds: Double = 0) -> [String] {
        self.model.frame(
            ScreenSize(rows: rows, columns: columns), self.style, at: self.start + .seconds(seconds),
            clock: self.date(seconds))
    }

    func text(rows: Int = 24, columns: Int = 80, at seconds: Double = 0) -> String {
        self.lines(rows: rows, columns: columns, at: seconds).joined(separator: "\n")
    }

    /// Returns the text with single spaces, however wide the columns are.
    func words(at seconds: Double = 0) -> String {
        self.text(at: seconds).split(separator: " ").joined(separator: " ")
    }
}
