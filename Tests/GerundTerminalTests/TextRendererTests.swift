import FoundationEssentials
import GerundCore
import GerundRecords
import GerundTerminal
import Testing

@Suite("TextRenderer")
struct TextRendererTests {
    private let start = ContinuousClock.now

    private func label(_ label: String, at seconds: Double, score: Double = 0.97, source: String = "door") -> Record {
        .label(
            LabelRecord(
                source: SourceID(source), mediaTime: MediaTime(seconds: seconds), time: .distantPast,
                label: label == "none" ? nil : label,
                score: score, top: [], mode: "exact", latency: .milliseconds(12)))
    }

    private func source(_ state: SourceRecord.State, source: String = "door") -> Record {
        .source(SourceRecord(source: SourceID(source), state: state, time: .distantPast))
    }

    /// Returns the texts for records that arrive one second apart.
    private func pieces(
        _ records: [Record], _ style: TerminalCapabilities, namesSource: Bool = false
    ) -> [String] {
        var renderer = TextRenderer(capabilities: style, namesSource: namesSource)
        return records.enumerated().map { renderer.recordArrived($1, at: self.start + .seconds($0)) } + [
            renderer.ended()
        ]
    }

    private func end() -> Record {
        .summary(
            SummaryRecord(source: SourceID("door"), framesRead: 9, windows: 2, framesDropped: 0, time: .distantPast))
    }

    @Test("Writes a line per change and nothing for repeated labels")
    func changes() {
        let text = self.pieces(
            [
                self.source(.connected(codec: "h264", width: 640, height: 360, fps: 25)),
                self.label("walking", at: 4.25),
                self.label("walking", at: 4.5), self.label("none", at: 3725.004, score: 0.8),
                self.label("walking", at: 3725.25), self.source(.ended), self.end(),
            ], TerminalCapabilities(hasStatusLine: false)
        ).joined()
        let lines = [
            "0:00:04.25  walking                0.97", "1:02:05.00  none                  ",
            "1:02:05.25  walking                0.97",
        ]
        #expect(text == lines.map { $0 + "\n" }.joined())
    }

    @Test("Writes lost connections and frames, and the label again after them")
    func losses() {
        let text = self.pieces(
            [
                self.label("walking", at: 1),
                self.source(.disconnected(error: "no packet for 10 s", retryIn: .seconds(2))),
                self.label("walking", at: 20),
                .framesDropped(
                    FramesDroppedRecord(
                        source: SourceID("door"), count: 3, firstMediaTime: MediaTime(seconds: 21),
                        firstTime: .distantPast,
                        time: .distantPast)),
            ], TerminalCapabilities(hasStatusLine: false)
        ).joined()
        #expect(
            text == """
                0:00:01.00  walking                0.97
                            disconnected: no packet for 10 s; retrying in 2.0 s
                0:00:20.00  walking                0.97
                0:00:21.00  3 frames dropped: recognition is behind

                """)
    }

    @Test("Writes changes of load without repeating the label")
    func degraded() {
        let text = self.pieces(
            [
                self.label("walking", at: 1),
                self.source(.degraded(mode: "fast", windowsPerSecond: 1, frameDropRatio: 0.5)),
                self.label("walking", at: 2), self.source(.recovered(mode: "exact", windowsPerSecond: 4)),
                self.label("walking", at: 3),
            ], TerminalCapabilities(hasStatusLine: false)
        ).joined()
        #expect(
            text == """
                0:00:01.00  walking                0.97
                            degraded: fast mode, 1.0 windows/s, dropping 50 % of frames
                            recovered: exact mode, 4.0 windows/s

                """)
    }

    @Test("Writes no escape sequences without color and status line")
    func plain() {
        let records = [
            self.label("walking", at: 1), self.source(.disconnected(error: "x", retryIn: .seconds(1))), self.end(),
        ]
        let text = self.pieces(records, TerminalCapabilities(hasStatusLine: false, hasColor: false)).joined()
        let hasControls = text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" }
        #expect(!hasControls)
    }

    @Test("Replaces control characters of any source")
    func injection() {
        let records = [
            self.label("a\u{1b}[2Jb", at: 1, source: "d\u{7}"),
            self.source(.disconnected(error: "x\r\n\u{9b}31m", retryIn: .seconds(1)), source: "d\u{7}"),
        ]
        for style in [
            TerminalCapabilities(hasStatusLine: false), TerminalCapabilities(hasStatusLine: true),
        ] {
            let text = self.pieces(records, style, namesSource: true).joined().replacing("\r\u{1b}[K", with: "")
            let hasControls = text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" }
            #expect(!hasControls)
        }
    }

    @Test("Colors labels by their meaning")
    func color() {
        let text = self.pieces(
            [self.label("walking", at: 1), self.label("none", at: 2)],
            TerminalCapabilities(hasStatusLine: false, hasColor: true)
        ).joined()
        #expect(text.hasPrefix("0:00:01.00  \u{1b}[1;32mwalking               \u{1b}[0m 0.97\n"))
        #expect(text.contains("\u{1b}[2mnone"))
    }

    @Test("Keeps one status line below the others and erases it")
    func statusLine() {
        let pieces = self.pieces(
            [
                self.source(.connected(codec: "h264", width: 640, height: 360, fps: 25)), self.label("walking", at: 1),
                self.label("walking", at: 2), self.source(.warmingUp), self.source(.ended),
            ], TerminalCapabilities(hasStatusLine: true))
        let clear = "\r\u{1b}[K"
        #expect(pieces[0] == "warming up")
        #expect(
            pieces[1] == clear
                + "0:00:01.00  walking                0.97\nwalking              █████████▊ 0.97   12 ms   exact")
        #expect(pieces[2] == clear + "walking              █████████▊ 0.97   1.0 windows/s   12 ms   exact")
        #expect(pieces[3] == clear + "warming up")
        #expect(pieces[4] == clear)
        #expect(pieces[5].isEmpty)
    }

    @Test("Shows the error bound of fast mode once it is known, and the sample size if there is room")
    func audit() {
        func audit(_ windows: Int, bound: Double) -> Record {
            .audit(
                AuditRecord(
                    source: SourceID("door"), mediaTime: MediaTime(seconds: 1), windows: windows, top1Changes: 0,
                    maxScoreError: 0.03,
                    scoreErrorBound: bound, confidence: 0.95, sampleSize: windows, time: .distantPast))
        }
        func line(_ bound: Double, columns: Int = 100, hasUnicode: Bool = true) -> String? {
            self.pieces(
                [self.label("walking", at: 1), audit(40, bound: bound), self.label("walking", at: 2)],
                TerminalCapabilities(hasStatusLine: true, hasUnicode: hasUnicode, columns: columns)
            )[2].split(separator: "   ", maxSplits: 1).last.map(String.init)
        }
        #expect(line(0.0214)?.hasSuffix("12 ms   exact   ±0.021   n=40") == true)
        #expect(line(0.0214, columns: 78)?.hasSuffix("12 ms   exact   ±0.021") == true)
        #expect(line(0.0214, hasUnicode: false)?.hasSuffix("exact   +-0.021   n=40") == true)
        #expect(line(1)?.hasSuffix("12 ms   exact") == true)
    }

    @Test("Redraws the status line at most ten times per second, but writes changes at once")
    func redraws() {
        var renderer = TextRenderer(capabilities: TerminalCapabilities(hasStatusLine: true))
        var redraws = 0
        for step in 0..<1000 {
            let now = self.start + .milliseconds(10) * step
            if !renderer.recordArrived(self.label("walking", at: Double(step)), at: now).isEmpty { redraws += 1 }
        }
        #expect(redraws == 100)
        let change = renderer.recordArrived(self.label("running", at: 1000), at: self.start + .milliseconds(9991))
        #expect(change.contains("running"))
    }

    @Test("Erases the status line at the end")
    func ended() {
        var renderer = TextRenderer(capabilities: TerminalCapabilities(hasStatusLine: true))
        #expect(renderer.ended().isEmpty)
        _ = renderer.recordArrived(self.label("walking", at: 1), at: self.start)
        #expect(renderer.ended() == "\r\u{1b}[K")
        #expect(renderer.ended().isEmpty)
    }

    @Test(
        "Never makes the status line as wide as the terminal",
        arguments: [
            "walking", "opening a very long label that describes everything in every detail that there is",
            "走路走路走路走路走路走路走路走路走路走路走路走路",
            "👨‍👩‍👧‍👦👋🏽🇩🇪👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽", "e\u{301}\u{302}\u{303} combining",
        ])
    func width(label: String) {
        for columns in [1, 2, 5, 10, 20, 40, 60, 80, 200] {
            let style = TerminalCapabilities(hasStatusLine: true, columns: columns)
            let pieces = self.pieces([self.label(label, at: 1), self.label(label, at: 2)], style, namesSource: true)
            let line = pieces[1].replacing("\r\u{1b}[K", with: "")
            #expect(Self.columns(line) < columns, "\(line)")
            if columns >= 40 { #expect(line.contains("0.97"), "\(line)") }
        }
    }

    /// Returns the largest width that a terminal might show: two columns for everything that is not plain.
    private static func columns(_ line: String) -> Int {
        line.reduce(0) { sum, character in
            let value = character.unicodeScalars.first?.value ?? 0
            return sum + (value < 0x1100 || (0x2010...0x2fff).contains(value) ? 1 : 2)
        }
    }

    @Test("Names the sources if there are several")
    func sources() {
        let text = self.pieces(
            [self.label("walking", at: 1), self.label("running", at: 1, source: "a long source's name")],
            TerminalCapabilities(hasStatusLine: false), namesSource: true
        ).joined()
        #expect(
            text == """
                0:00:01.00  door          walking                0.97
                0:00:01.00  a long source's name  running                0.97

                """)
    }
}
