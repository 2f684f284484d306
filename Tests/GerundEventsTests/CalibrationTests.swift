import GerundEvents
import Testing

@Suite("A calibration")
struct CalibrationTests {
    private let levels = [0.6, 0.7, 0.8, 0.9].map { EventLevels(enter: $0, exit: $0 / 2) }
    private let setting = Calibration.Setting(
        model: "demo", background: ["an \"empty\" room"], span: 2, rate: 4, smoothing: .milliseconds(500),
        thresholds: EventThresholds(minimumDuration: .milliseconds(250), mergeGap: .seconds(1)))
    private let day = Duration.seconds(86_400)

    private func calibration(_ counts: [[Int]], days: Int, budget: Double) -> Calibration {
        let labels = ["falling down", "running", "waving"].prefix(counts.count)
        return Calibration(
            labels: Array(labels), counts: counts, levels: self.levels, watched: self.day * days, budget: budget)
    }

    @Test("chooses the lowest level above which as many alarms came as the budget allows with 95 % confidence")
    func budget() {
        // Ten days at one a day: five alarms bound the rate at 10.513 / 10, four at 9.154 / 10.
        #expect(self.calibration([[9, 5, 4, 0]], days: 10, budget: 1).labels[0].levels?.enter == 0.8)
        #expect(self.calibration([[9, 5, 4, 0]], days: 10, budget: 1.06).labels[0].levels?.enter == 0.7)
        let calibration = self.calibration([[9, 5, 4, 0]], days: 10, budget: 1)
        #expect(calibration.isKept && calibration.alarms == 4)
        #expect(abs(calibration.atMostPerDay - 0.9154) < 1e-3)
        #expect(calibration.labels[0].usualAlarms == 9)
    }

    @Test("leaves the usual level where normal footage has no alarm")
    func quiet() {
        let calibration = self.calibration([[0, 0, 0, 0]], days: 3, budget: 1)
        #expect(calibration.labels[0].levels == self.levels[0])
        #expect(calibration.isKept, "three days without an alarm bound the rate at 0.9986")
    }

    @Test("promises nothing that little footage can't, and tells how much it takes")
    func short() {
        let calibration = self.calibration([[7, 2, 0, 0]], days: 1, budget: 1)
        #expect(calibration.labels[0].levels?.enter == 0.8)
        #expect(!calibration.isKept && abs(calibration.atMostPerDay - 2.9957) < 1e-3)
        #expect(abs(calibration.neededHours - 71.9) < 0.1)
        #expect(calibration.text.contains("too little footage to promise 1"))
    }

    @Test("bounds the alarms of all labels together, each with a level that the footage has put")
    func together() {
        let calibration = self.calibration([[3, 0, 0, 0], [3, 3, 0, 0], [0, 0, 0, 0]], days: 4, budget: 2)
        #expect(calibration.labels.map { $0.levels?.enter } == [0.7, 0.8, 0.6])
        #expect(abs(calibration.atMostPerDay - 6.2958 / 4) < 1e-3)
        #expect(calibration.isKept)
        #expect(calibration.labels.allSatisfy { abs($0.atMostPerDay - 2.9957 / 4) < 1e-3 })
    }

    @Test("looks at the levels above too: one long alarm may be several at a higher one")
    func ascending() {
        #expect(self.calibration([[1, 3, 0, 0]], days: 1, budget: 1).labels[0].levels?.enter == 0.8)
    }

    @Test("silences a label that no level keeps apart from normal footage")
    func never() {
        let calibration = self.calibration([[9, 9, 9, 9], [0, 0, 0, 0]], days: 3, budget: 1)
        #expect(calibration.labels[0].levels == nil)
        #expect(calibration.alarms == 0 && calibration.isKept)
        #expect(calibration.text.contains("No level is high enough for 'falling down'"))
        #expect(
            calibration.yaml(sources: ["door"], self.setting).contains(
                "  \"falling down\": {enter: 1.00, exit: 1.00}\n"))
    }

    @Test("looks at levels from the usual one up, each with an exit level in proportion")
    func grid() {
        let levels = Calibration.levels(from: EventLevels(enter: 0.6, exit: 0.4))
        #expect(levels.first == EventLevels(enter: 0.6, exit: 0.4) && levels.last?.enter == 0.9999)
        #expect(zip(levels, levels.dropFirst()).allSatisfy { $0.enter < $1.enter })
        #expect(levels.allSatisfy { $0.exit <= $0.enter })
        #expect(levels.contains(EventLevels(enter: 0.9, exit: 0.6)))
        #expect(Calibration.levels(from: EventLevels(enter: 0, exit: 0)).allSatisfy { $0.exit == 0 })
        #expect(Calibration.levels(from: EventLevels(enter: 1, exit: 0.5)).map(\.enter) == [1])
    }

    @Test("is written as settings with its worth beside it, whatever labels and sources are called")
    func yaml() {
        let calibration = Calibration(
            labels: ["say \"hi\": #1", "ёлка"], counts: [[0, 0, 0, 0], [1, 0, 0, 0]], levels: self.levels,
            watched: self.day * 6, budget: 1)
        let lines = calibration.yaml(sources: ["a\nb"], self.setting).split(separator: "\n")
        #expect(lines[0] == #"# Written by gerund calibrate from "a\nb", with the model "demo"."#)
        let comments = lines.prefix { $0.hasPrefix("# ") }
        #expect(comments.count == 5)
        #expect(
            lines.dropFirst(comments.count) == [
                #"labels: ["say \"hi\": #1", "ёлка"]"#, #"background: ["an \"empty\" room"]"#, "span: 2.0",
                "rate: 4.0", "smoothing: 0.5", "min_duration: 0.25", "merge_gap: 1.0", "thresholds:",
                #"  "say \"hi\": #1": {enter: 0.60, exit: 0.30}"#, #"  "ёлка": {enter: 0.70, exit: 0.35}"#,
            ])
    }

    @Test("is a line of JSON for each label and one for all")
    func json() {
        let lines = self.calibration([[7, 2, 0, 0]], days: 1, budget: 1).jsonLines.split(separator: "\n")
        #expect(
            lines == [
                #"{"type":"level","label":"falling down","enter":0.8000,"exit":0.4000,"found":true,"alarms":0,"#
                    + #""usual_alarms":7,"at_most_per_day":2.996}"#,
                #"{"type":"calibration","hours":24.0000,"alarms":0,"at_most_per_day":2.996,"#
                    + #""confidence":0.95,"budget_per_day":1.000,"kept":false,"needed_hours":71.9}"#,
            ])
    }
}
