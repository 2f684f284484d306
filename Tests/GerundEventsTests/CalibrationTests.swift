import GerundCore
import GerundEvents
import GerundRecords
import GerundTesting
import Testing

@Suite("Calibration")
struct CalibrationTests {
    private let levels = [0.6, 0.7, 0.8, 0.9].map { HysteresisThresholds(start: $0, end: $0 / 2) }
    private let setting = Calibration.Context(
        model: "demo", background: ["an \"empty\" room"], window: .seconds(2), windowRate: 4,
        smoothing: .milliseconds(500),
        thresholds: EventThresholds(minimumDuration: .milliseconds(250), mergeGap: .seconds(1)))
    private let day = Duration.seconds(86_400)

    private func calibration(_ counts: [[Int]], days: Int, budget: Double) -> Calibration {
        let labels = ["falling down", "running", "waving"].prefix(counts.count)
        return Calibration(
            labels: Array(labels), counts: counts, candidates: self.levels, observedDuration: self.day * days,
            budget: budget)
    }

    @Test("Chooses the lowest threshold above which as many alarms occurred as the budget allows with 95 % confidence")
    func budget() {
        // Ten days at one a day: five alarms bound the rate at 10.513 / 10, four at 9.154 / 10.
        #expect(self.calibration([[9, 5, 4, 0]], days: 10, budget: 1).labels[0].thresholds?.start == 0.8)
        #expect(self.calibration([[9, 5, 4, 0]], days: 10, budget: 1.06).labels[0].thresholds?.start == 0.7)
        let calibration = self.calibration([[9, 5, 4, 0]], days: 10, budget: 1)
        #expect(calibration.meetsBudget && calibration.alarms == 4)
        #expect(abs(calibration.upperBoundPerDay - 0.9154) < 1e-3)
        #expect(calibration.labels[0].alarmsAtDefault == 9)
    }

    @Test("Keeps the default thresholds if the recordings have no alarm")
    func quiet() {
        let calibration = self.calibration([[0, 0, 0, 0]], days: 3, budget: 1)
        #expect(calibration.labels[0].thresholds == self.levels[0])
        #expect(calibration.meetsBudget, "three days without an alarm bound the rate at 0.9986")
    }

    @Test("Guarantees nothing that short recordings can't, and reports how much is required")
    func short() {
        let calibration = self.calibration([[7, 2, 0, 0]], days: 1, budget: 1)
        #expect(calibration.labels[0].thresholds?.start == 0.8)
        #expect(!calibration.meetsBudget && abs(calibration.upperBoundPerDay - 2.9957) < 1e-3)
        #expect(abs(calibration.requiredHours - 71.9) < 0.1)
        #expect(calibration.text.contains("Not enough video to guarantee 1 per day"))
    }

    @Test("Bounds the alarms of all labels together, each with a threshold chosen on the recordings")
    func together() {
        let calibration = self.calibration([[3, 0, 0, 0], [3, 3, 0, 0], [0, 0, 0, 0]], days: 4, budget: 2)
        #expect(calibration.labels.map { $0.thresholds?.start } == [0.7, 0.8, 0.6])
        #expect(abs(calibration.upperBoundPerDay - 6.2958 / 4) < 1e-3)
        #expect(calibration.meetsBudget)
        #expect(calibration.labels.allSatisfy { abs($0.upperBoundPerDay - 2.9957 / 4) < 1e-3 })
    }

    @Test("Checks higher thresholds too, at which one long alarm may be several")
    func ascending() {
        #expect(self.calibration([[1, 3, 0, 0]], days: 1, budget: 1).labels[0].thresholds?.start == 0.8)
    }

    @Test("Disables a label that no threshold separates from the recordings")
    func never() {
        let calibration = self.calibration([[9, 9, 9, 9], [0, 0, 0, 0]], days: 3, budget: 1)
        #expect(calibration.labels[0].thresholds == nil)
        #expect(calibration.alarms == 0 && calibration.meetsBudget)
        #expect(
            calibration.text.contains(
                "No threshold separates 'falling down' from these recordings, so it was disabled."))
        #expect(
            calibration.yaml(sources: ["door"], self.setting).contains(
                "  \"falling down\": {start_threshold: 1.00, end_threshold: 1.00}\n"))
    }

    @Test("Considers thresholds from the default ones up, with end thresholds in proportion")
    func grid() {
        let levels = Calibration.candidateThresholds(from: HysteresisThresholds(start: 0.6, end: 0.4))
        #expect(levels.first == HysteresisThresholds(start: 0.6, end: 0.4) && levels.last?.start == 0.9999)
        #expect(zip(levels, levels.dropFirst()).allSatisfy { $0.start < $1.start })
        #expect(levels.allSatisfy { $0.end <= $0.start })
        #expect(levels.contains(HysteresisThresholds(start: 0.9, end: 0.6)))
        #expect(
            Calibration.candidateThresholds(from: HysteresisThresholds(start: 0, end: 0)).allSatisfy { $0.end == 0 })
        #expect(Calibration.candidateThresholds(from: HysteresisThresholds(start: 1, end: 0.5)).map(\.start) == [1])
    }

    @Test("Writes a configuration file with its bounds as comments, whatever the names of labels and sources are")
    func yaml() {
        let calibration = Calibration(
            labels: ["say \"hi\": #1", "ёлка"], counts: [[0, 0, 0, 0], [1, 0, 0, 0]], candidates: self.levels,
            observedDuration: self.day * 6, budget: 1)
        let lines = calibration.yaml(sources: ["a\nb"], self.setting).split(separator: "\n")
        #expect(lines[0] == #"# Written by gerund calibrate from "a\nb", with the model "demo"."#)
        let comments = lines.prefix { $0.hasPrefix("# ") }
        #expect(comments.count == 5)
        #expect(
            lines.dropFirst(comments.count) == [
                #"labels: ["say \"hi\": #1", "ёлка"]"#, #"background: ["an \"empty\" room"]"#, "window: 2.0",
                "rate: 4.0", "smoothing: 0.5", "min_duration: 0.25", "merge_gap: 1.0", "thresholds:",
                #"  "say \"hi\": #1": {start_threshold: 0.60, end_threshold: 0.30}"#,
                #"  "ёлка": {start_threshold: 0.70, end_threshold: 0.35}"#,
            ])
    }

    @Test("Writes one line of JSON per label and one for all, which conform to the schema")
    func json() throws {
        let lines = self.calibration([[7, 2, 0, 0]], days: 1, budget: 1).jsonLines.split(separator: "\n")
        #expect(
            lines == [
                #"{"type":"threshold","label":"falling down","start_threshold":0.8000,"end_threshold":0.4000,"#
                    + #""found":true,"false_alarms":0,"false_alarms_at_default":7,"upper_bound_per_day":2.996}"#,
                #"{"type":"calibration","hours":24.0000,"false_alarms":0,"upper_bound_per_day":2.996,"#
                    + #""confidence":0.95,"budget_per_day":1.000,"budget_met":false,"required_hours":71.9}"#,
            ])
        let schema = try JSONSchema(parsing: RecordSchema.json)
        for line in lines { #expect(schema.violations(of: String(line)) == []) }
    }

    @Test("Writes a table that is aligned with wide characters too, and the bounds in sentences")
    func text() {
        let calibration = Calibration(
            labels: ["falling down", "走っている", "waving 👋🏽"], counts: [[3, 2, 1, 1], [9, 9, 9, 9], [120, 30, 4, 0]],
            candidates: self.levels, observedDuration: .seconds(3600 * 5), budget: 2)
        #expect(Snapshot.difference(of: calibration.text, from: "calibration") == nil)
        let rows = calibration.text.split(separator: "\n", omittingEmptySubsequences: false).prefix(4)
        #expect(Set(rows.map { String($0).columnCount }).count == 1, "\(calibration.text)")
    }

    @Test("Chooses at once with a budget that allows more alarms than there were", .timeLimit(.minutes(10)))
    func largeBudget() {
        let counts = [[5000, 4000, 3000, 2000]]
        let calibration = self.calibration(counts, days: 365, budget: 1e6)
        #expect(calibration.labels[0].thresholds == self.levels[0] && calibration.meetsBudget)
        for budget in [1e-300, 0, -1, .nan] {
            let calibration = self.calibration(counts, days: 1, budget: budget)
            #expect(calibration.labels[0].thresholds == nil && calibration.requiredHours.isFinite)
        }
    }
}
