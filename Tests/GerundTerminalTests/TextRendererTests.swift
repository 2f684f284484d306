import FoundationEssentials
import GerundCore
import GerundEvents
import GerundTerminal
import Testing

@Suite("A text renderer")
struct TextRendererTests {
    private let start = ContinuousClock.now

    private func label(_ label: String, at seconds: Double, score: Double = 0.97, source: String = "door") -> Record {
        .label(
            LabelRecord(
                source: SourceID(source), t: MediaTime(seconds: seconds), time: .distantPast, label: label,
                score: score, top: [], mode: "exact", latency: .milliseconds(12)))
    }

    private func source(_ state: SourceRecord.State, source: String = "door") -> Record {
        .source(SourceRecord(source: SourceID(source), state: state, time: .distantPast))
    }

    /// What is written for records that come a second apart.
    private func pieces(_ records: [Record], _ style: TextStyle) -> [String] {
        var renderer = TextRenderer(style: style)
        return records.enumerated().map { renderer.recordArrived($1, at: self.start + .seconds($0)) } + [
            renderer.ended()
        ]
    }

    private func end() -> Record { .end(EndRecord(source: SourceID("door"), frames: 9, windows: 2, dropped: 0)) }

    @Test("writes a line for each change and nothing for what repeats")
    func changes() {
        let text = self.pieces(
            [
                self.source(.open(codec: "h264", width: 640, height: 360, rate: 25)), self.label("walking", at: 4.25),
                self.label("walking", at: 4.5), self.label(LabelRecord.none, at: 3725.004, score: 0.8),
                self.label("walking", at: 3725.25), self.source(.ended), self.end(),
            ], TextStyle(hasStatusLine: false)
        ).joined()
        let lines = [
            "0:00:04.25  walking                0.97", "1:02:05.00  none                  ",
            "1:02:05.25  walking                0.97",
        ]
        #expect(text == lines.map { $0 + "\n" }.joined())
    }

    @Test("tells losses, and the label again after them")
    func losses() {
        let text = self.pieces(
            [
                self.label("walking", at: 1), self.source(.lost(reason: "no packet for 10 s", retry: .seconds(2))),
                self.label("walking", at: 20),
                .dropped(
                    DroppedRecord(
                        source: SourceID("door"), frames: 3, since: .distantPast, t: MediaTime(seconds: 21),
                        time: .distantPast)),
            ], TextStyle(hasStatusLine: false)
        ).joined()
        #expect(
            text == """
                0:00:01.00  walking                0.97
                            lost: no packet for 10 s; next try in 2.0 s
                0:00:20.00  walking                0.97
                0:00:21.00  3 frames dropped: recognition is behind

                """)
    }

    @Test("says what is given up when recognition is behind, and doesn't repeat the label for that")
    func degraded() {
        let text = self.pieces(
            [
                self.label("walking", at: 1), self.source(.degraded(mode: "fast", rate: 1, dropping: 0.5)),
                self.label("walking", at: 2), self.source(.recovered(mode: "exact", rate: 4)),
                self.label("walking", at: 3),
            ], TextStyle(hasStatusLine: false)
        ).joined()
        #expect(
            text == """
                0:00:01.00  walking                0.97
                            recognition is behind: fast windows, 1.0 a second, 50 % of the frames left out
                            recognition keeps up again: exact windows, 4.0 a second

                """)
    }

    @Test("writes no escape codes where nothing can show them")
    func plain() {
        let records = [
            self.label("walking", at: 1), self.source(.lost(reason: "x", retry: .seconds(1))), self.end(),
        ]
        let text = self.pieces(records, TextStyle(hasStatusLine: false, hasColor: false)).joined()
        let hasControls = text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" }
        #expect(!hasControls)
    }

    @Test("passes no control character on, whoever sent it")
    func injection() {
        let records = [
            self.label("a\u{1b}[2Jb", at: 1, source: "d\u{7}"),
            self.source(.lost(reason: "x\r\n\u{9b}31m", retry: .seconds(1)), source: "d\u{7}"),
        ]
        for style in [
            TextStyle(hasStatusLine: false, namesSource: true), TextStyle(hasStatusLine: true, namesSource: true),
        ] {
            let text = self.pieces(records, style).joined().replacing("\r\u{1b}[K", with: "")
            let hasControls = text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" }
            #expect(!hasControls)
        }
    }

    @Test("colours by meaning")
    func color() {
        let text = self.pieces(
            [self.label("walking", at: 1), self.label(LabelRecord.none, at: 2)],
            TextStyle(hasStatusLine: false, hasColor: true)
        ).joined()
        #expect(text.hasPrefix("0:00:01.00  \u{1b}[1;32mwalking               \u{1b}[0m 0.97\n"))
        #expect(text.contains("\u{1b}[2mnone"))
    }

    @Test("keeps one live line below the others and takes it back")
    func statusLine() {
        let pieces = self.pieces(
            [
                self.source(.open(codec: "h264", width: 640, height: 360, rate: 25)), self.label("walking", at: 1),
                self.label("walking", at: 2), self.source(.warming), self.source(.ended),
            ], TextStyle(hasStatusLine: true))
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

    @Test("tells how far fast windows stray once the sample says so, and how large it is where there is room")
    func audit() {
        func audit(_ windows: Int, bound: Double) -> Record {
            .audit(
                AuditRecord(
                    source: SourceID("door"), t: MediaTime(seconds: 1), windows: windows, flips: 0, largestChange: 0.03,
                    bound: bound, coverage: 0.95, sample: windows, time: .distantPast))
        }
        func line(_ bound: Double, columns: Int = 100, hasUnicode: Bool = true) -> String? {
            self.pieces(
                [self.label("walking", at: 1), audit(40, bound: bound), self.label("walking", at: 2)],
                TextStyle(hasStatusLine: true, hasUnicode: hasUnicode, columns: columns)
            )[2].split(separator: "   ", maxSplits: 1).last.map(String.init)
        }
        #expect(line(0.0214)?.hasSuffix("12 ms   exact   ±0.021   n 40") == true)
        #expect(line(0.0214, columns: 78)?.hasSuffix("12 ms   exact   ±0.021") == true)
        #expect(line(0.0214, hasUnicode: false)?.hasSuffix("exact   +-0.021   n 40") == true)
        #expect(line(1)?.hasSuffix("12 ms   exact") == true)
    }

    @Test("redraws the live line ten times a second at most, but holds no change back")
    func redraws() {
        var renderer = TextRenderer(style: TextStyle(hasStatusLine: true))
        var redraws = 0
        for step in 0..<1000 {
            let now = self.start + .milliseconds(10) * step
            if !renderer.recordArrived(self.label("walking", at: Double(step)), at: now).isEmpty { redraws += 1 }
        }
        #expect(redraws == 100)
        let change = renderer.recordArrived(self.label("running", at: 1000), at: self.start + .milliseconds(9991))
        #expect(change.contains("running"))
    }

    @Test("leaves the line clean at the end, also when it comes amid")
    func ended() {
        var renderer = TextRenderer(style: TextStyle(hasStatusLine: true))
        #expect(renderer.ended().isEmpty)
        _ = renderer.recordArrived(self.label("walking", at: 1), at: self.start)
        #expect(renderer.ended() == "\r\u{1b}[K")
        #expect(renderer.ended().isEmpty)
    }

    @Test(
        "never makes the live line as wide as the terminal",
        arguments: [
            "walking", "opening a very long label that describes everything in every detail that there is",
            "走路走路走路走路走路走路走路走路走路走路走路走路",
            "👨‍👩‍👧‍👦👋🏽🇩🇪👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽", "e\u{301}\u{302}\u{303} combining",
        ])
    func width(label: String) {
        for columns in [1, 2, 5, 10, 20, 40, 60, 80, 200] {
            let style = TextStyle(hasStatusLine: true, namesSource: true, columns: columns)
            let pieces = self.pieces([self.label(label, at: 1), self.label(label, at: 2)], style)
            let line = pieces[1].replacing("\r\u{1b}[K", with: "")
            #expect(Self.columns(line) < columns, "\(line)")
            if columns >= 40 { #expect(line.contains("0.97"), "\(line)") }
        }
    }

    /// As wide as a terminal might show it: two columns for everything that is not plain.
    private static func columns(_ line: String) -> Int {
        line.reduce(0) { sum, character in
            let value = character.unicodeScalars.first?.value ?? 0
            return sum + (value < 0x1100 || (0x2010...0x2fff).contains(value) ? 1 : 2)
        }
    }

    @Test("names the sources when there are several")
    func sources() {
        let text = self.pieces(
            [self.label("walking", at: 1), self.label("running", at: 1, source: "a long source's name")],
            TextStyle(hasStatusLine: false, namesSource: true)
        ).joined()
        #expect(
            text == """
                0:00:01.00  door          walking                0.97
                0:00:01.00  a long source's name  running                0.97

                """)
    }
}
