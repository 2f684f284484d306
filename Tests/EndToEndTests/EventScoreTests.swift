import Testing

@Suite("The score of events")
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

    @Test("pairs an event with an action of its label that it overlaps by half of what both cover")
    func overlap() {
        #expect(self.score([(4, 8, "walking")]).matches == 1)
        #expect(self.score([(4, 6, "walking")]).matches == 1, "half")
        #expect(self.score([(4, 5.9, "walking")]).matches == 0)
        #expect(self.score([(2, 10, "walking")]).matches == 1, "twice as long")
        #expect(self.score([(2, 10.1, "walking")]).matches == 0)
        #expect(self.score([(4, 8, "kicking")]).matches == 0)
        #expect(self.score([(9, 11, "walking")]).matches == 0)
    }

    @Test("pairs each action and each event once, those that fit best first")
    func pairs() {
        #expect(self.score([(4, 8, "walking"), (4, 7, "walking")]).matches == 1)
        let score = self.score([(4.5, 7.9, "walking"), (4.1, 8, "walking"), (13.8, 18, "walking")])
        #expect(score.matches == 2)
        #expect(score.startErrors.map { ($0 * 10).rounded() } == [1, 2])
    }

    @Test("means by F1 what is right of the events and found of the actions")
    func f1() {
        #expect(self.score().f1 == 0)
        #expect(self.score([(4, 8, "walking"), (14, 18, "walking"), (18, 20, "kicking")]).f1 == 1)
        #expect(self.score([(4, 8, "walking"), (9, 10, "kicking")]).f1 == 0.4)
        #expect(EventScore().f1 == 1)
    }

    @Test("takes neighbouring stretches of background for one, and counts changes between the others")
    func changes() {
        #expect(self.score().trueChanges == 4)
        #expect(self.score(labels: ["none", "none", "walking", "walking", "none", "kicking"]).labelChanges == 3)
        #expect(self.score(labels: ["none", "walking", "none", "walking", "none", "kicking"]).changeRatio == 1.25)
        #expect(self.score(labels: ["none", "none"]).changeRatio == 0)
    }

    @Test("gives the middle one of the starts' errors, and none where nothing is matched")
    func startErrors() {
        #expect(self.score().medianStartError == nil)
        #expect(self.score([(4.5, 8, "walking")]).medianStartError == 0.5)
        #expect(self.score([(4.5, 8, "walking"), (14.25, 18, "walking")]).medianStartError == 0.375)
        let three = self.score([(4.5, 8, "walking"), (14.25, 18, "walking"), (18, 20, "kicking")])
        #expect(three.medianStartError == 0.25)
    }

    @Test("adds recordings up")
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

    @Test("reads what the program writes")
    func jsonLines() throws {
        let lines = """
            {"type":"run","background":["an empty room","standing still"],"span":2.000,"rate":4.000,"frames":8}
            {"type":"label","source":"c","t":1.760,"label":"none"}
            {"type":"label","source":"c","t":5.750,"label":"walking"}
            {"type":"event","phase":"start","source":"c","label":"walking","start":4.500}
            {"type":"event","phase":"end","source":"c","label":"walking","start":4.500,"end":8.000}
            {"type":"end","source":"c","frames":20,"windows":3,"dropped":0}
            """
        let score = try EventScore(jsonLines: lines, timeline: Self.timeline)
        #expect(score == self.score([(4.5, 8, "walking")], labels: ["none", "walking"]))
    }
}
