import Testing

@Suite("EventScore")
struct EventScoreTests {
    private static let timeline = [
        TimelineSegment(start: 0, end: 4, label: "an empty room"),
        TimelineSegment(start: 4, end: 8, label: "walking"),
        TimelineSegment(start: 8, end: 12, label: "standing still"),
        TimelineSegment(start: 12, end: 14, label: "an empty room"),
        TimelineSegment(start: 14, end: 18, label: "walking"),
        TimelineSegment(start: 18, end: 20, label: "kicking"),
    ]

    private func score(_ events: [(Double, Double, String)] = [], labels: [String] = []) -> EventScore {
        EventScore(
            timeline: Self.timeline, background: ["an empty room", "standing still"], labels: labels,
            events: events.map { TimelineSegment(start: $0.0, end: $0.1, label: $0.2) })
    }

    @Test("Pairs an event with an action of its label at an intersection over union of one half")
    func overlap() {
        #expect(self.score([(4, 8, "walking")]).matches == 1)
        #expect(self.score([(4, 6, "walking")]).matches == 1, "half")
        #expect(self.score([(4, 5.9, "walking")]).matches == 0)
        #expect(self.score([(2, 10, "walking")]).matches == 1, "twice as long")
        #expect(self.score([(2, 10.1, "walking")]).matches == 0)
        #expect(self.score([(4, 8, "kicking")]).matches == 0)
        #expect(self.score([(9, 11, "walking")]).matches == 0)
    }

    @Test("Pairs each action and each event once, in descending order of overlap")
    func pairs() {
        #expect(self.score([(4, 8, "walking"), (4, 7, "walking")]).matches == 1)
        let score = self.score([(4.5, 7.9, "walking"), (4.1, 8, "walking"), (13.8, 18, "walking")])
        #expect(score.matches == 2)
        #expect(score.startErrors.map { ($0 * 10).rounded() } == [1, 2])
    }

    @Test("Computes F1 from precision and recall")
    func f1() {
        #expect(self.score().f1 == 0)
        #expect(self.score([(4, 8, "walking"), (14, 18, "walking"), (18, 20, "kicking")]).f1 == 1)
        #expect(self.score([(4, 8, "walking"), (9, 10, "kicking")]).f1 == 0.4)
        #expect(EventScore().f1 == 1)
    }

    @Test("Merges adjacent segments of background, and counts the changes between the others")
    func changes() {
        #expect(self.score().trueChanges == 4)
        #expect(self.score(labels: ["none", "none", "walking", "walking", "none", "kicking"]).labelChanges == 3)
        #expect(self.score(labels: ["none", "walking", "none", "walking", "none", "kicking"]).changeRatio == 1.25)
        #expect(self.score(labels: ["none", "none"]).changeRatio == 0)
    }

    @Test("Computes the median error of starts, and nil without a pair")
    func startErrors() {
        #expect(self.score().medianStartError == nil)
        #expect(self.score([(4.5, 8, "walking")]).medianStartError == 0.5)
        #expect(self.score([(4.5, 8, "walking"), (14.25, 18, "walking")]).medianStartError == 0.375)
        let three = self.score([(4.5, 8, "walking"), (14.25, 18, "walking"), (18, 20, "kicking")])
        #expect(three.medianStartError == 0.25)
    }

    @Test("Adds recordings")
    func addition() {
        var total = self.score([(4.5, 8, "walking"), (9, 10, "kicking")], labels: ["none", "walking"])
        total.add(self.score([(14.25, 18, "walking")], labels: ["walking", "none"]))
        #expect(total.actions == 6)
        #expect(total.events == 3)
        #expect(total.matches == 2)
        #expect(total.startErrors == [0.5, 0.25])
        #expect(total.trueChanges == 8)
        #expect(total.labelChanges == 2)
        #expect(total.seconds == 40)
    }

    @Test("Reads the records of the program")
    func jsonLines() throws {
        let lines = """
            {"type":"run","background":["an empty room","standing still"],"window_s":2.0,"windows_per_s":4.0,"frames_per_window":8}
            {"type":"label","source":"c","media_time":1.760,"label":null}
            {"type":"label","source":"c","media_time":5.750,"label":"walking"}
            {"type":"event","phase":"started","source":"c","label":"walking","start_s":4.500}
            {"type":"event","phase":"ended","source":"c","label":"walking","start_s":4.500,"end_s":8.000}
            {"type":"summary","source":"c","frames_read":20,"windows":3,"frames_dropped":0}
            """
        let score = try EventScore(jsonLines: lines, timeline: Self.timeline)
        #expect(score == self.score([(4.5, 8, "walking")], labels: ["none", "walking"]))
    }
}
