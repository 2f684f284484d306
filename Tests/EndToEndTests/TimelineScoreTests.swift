import Testing

@Suite("TimelineScore")
struct TimelineScoreTests {
    private static let timeline = [
        TimelineSegment(start: 0, end: 4, label: "an empty room"),
        TimelineSegment(start: 4, end: 8, label: "walking"),
        TimelineSegment(start: 8, end: 10, label: "kicking"),
    ]

    private func score(
        _ windows: [(Double, String)] = [], events: [TimelineSegment] = [], margin: Double = 0
    ) -> TimelineScore {
        TimelineScore(
            timeline: Self.timeline, background: ["an empty room"],
            windows: windows.map { TimelineScore.Window(time: $0.0, label: $0.1) }, events: events, windowLength: 1.75,
            margin: margin)
    }

    @Test("Counts a window only if it lies wholly inside one segment")
    func wholeWindows() {
        #expect(self.score([(1.7, "none"), (4.04, "none"), (5.7, "walking"), (8.1, "walking")]).windows == 0)
        #expect(self.score([(1.75, "none"), (4, "none"), (5.75, "walking"), (8, "walking")]).windows == 4)
        #expect(self.score([(1.75, "none"), (4, "none"), (3, "none")], margin: 0.5).windows == 1)
    }

    @Test("Expects no label in background, and the action's label in an action")
    func truth() {
        let score = self.score([(2, "none"), (3, "walking"), (6, "walking"), (7, "none"), (9.8, "kicking")])
        #expect(score.windows == 5)
        #expect(score.rightWindows == 3)
        #expect(score.windowRatio == 0.6)
        #expect(self.score().windowRatio == 0)
    }

    @Test("Finds an action of three seconds if an event of its label overlaps it")
    func actions() {
        func found(_ start: Double, _ end: Double, _ label: String) -> Int {
            self.score(events: [TimelineSegment(start: start, end: end, label: label)]).foundActions
        }
        #expect(self.score().actions == 1, "kicking is short, an empty room is no action")
        #expect(found(7.9, 12, "walking") == 1)
        #expect(found(1, 4.1, "walking") == 1)
        #expect(found(1, 4, "walking") == 0)
        #expect(found(8, 9, "walking") == 0)
        #expect(found(5, 6, "kicking") == 0)
        #expect(self.score().missed.map(\.label) == ["walking"])
    }

    @Test("Reads the records of the program")
    func jsonLines() throws {
        let lines = """
            {"type":"run","background":["an empty room"],"window_s":2.0,"windows_per_s":4.0,"frames_per_window":8}
            {"type":"source","source":"c","state":"connected"}
            {"type":"label","source":"c","media_time":1.760,"label":null}
            {"type":"label","source":"c","media_time":5.750,"label":"kicking"}
            {"type":"label","source":"c","media_time":6.000,"label":"walking"}
            {"type":"event","phase":"started","source":"c","label":"walking","start_s":4.500}
            {"type":"event","phase":"ended","source":"c","label":"walking","start_s":4.500,"end_s":6.000}
            {"type":"summary","source":"c","frames_read":20,"windows":3,"frames_dropped":0}
            """
        let score = try TimelineScore(jsonLines: lines, timeline: Self.timeline)
        #expect(score.windows == 3)
        #expect(score.rightWindows == 2)
        #expect(score.foundActions == 1)
        #expect(throws: (any Error).self) { try TimelineScore(jsonLines: "what?\n", timeline: []) }
    }
}
