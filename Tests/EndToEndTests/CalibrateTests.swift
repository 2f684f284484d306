import Foundation
import GerundTesting
import Glibc
import Testing

@Suite("Command calibrate", .timeLimit(.minutes(10)))
struct CalibrateTests {
    @Test("Reports a threshold for each label, and how far it can be relied on")
    func jsonLines() async throws {
        let result = try await Gerund.run("calibrate", Gerund.clip, "--label", "walking", "--label", "falling down")
        result.expectSuccess()
        let lines = try result.lines
        #expect(lines.map(\.members.type) == ["threshold", "threshold", "calibration"])
        let thresholds = lines.ofType("threshold")
        #expect(thresholds.map(\.label) == ["walking", "falling down"])
        // The clip shows both actions, so that neither default threshold is free of alarms.
        for threshold in thresholds {
            let (start, end) = (try #require(threshold.startThreshold), try #require(threshold.endThreshold))
            #expect(0 < end && end <= start && start <= 1)
        }
        #expect(
            lines.first?.names == [
                "type", "label", "start_threshold", "end_threshold", "found", "false_alarms",
                "false_alarms_at_default", "upper_bound_per_day",
            ])
        #expect(
            lines.last?.names == [
                "type", "hours", "false_alarms", "upper_bound_per_day", "confidence", "budget_per_day", "budget_met",
                "required_hours",
            ])
        #expect(lines.last?.members.budgetMet == false, "50 s can't prove one alarm per day")
    }

    @Test("Replaces a file of thresholds, which watch then reads, and no other file")
    func output() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("thresholds.yaml")
        for label in ["walking", "falling down"] {
            let result = try await Gerund.run(
                "calibrate", Gerund.clip, "--label", label, "--output", path, "--format", "text")
            #expect(result.ending == .exited(0))
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("\nthresholds:\n  \"\(label)\": {start_threshold: 0."))
        }
        let watched = try await Gerund.run("watch", Gerund.clip, "--config", path, "--duration", "3")
        watched.expectSuccess()
        #expect(try watched.lines.first?.members.labels == ["falling down"])

        let other = directory.path("mine.yaml")
        try "sources: []\n".write(toFile: other, atomically: true, encoding: .utf8)
        let refused = try await Gerund.run("calibrate", Gerund.clip, "--output", other)
        refused.expectRefused(exit: 2, "mine.yaml", "choose another file")
        #expect(try String(contentsOfFile: other, encoding: .utf8) == "sources: []\n")
    }

    @Test("Ends on Ctrl-C with what was measured until then")
    func interrupted() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("thresholds.yaml")
        let process = try await Gerund.start([
            "calibrate", "test:testsrc2=size=320x240:rate=25", "--label", "walking", "--output", path,
        ])
        // Nothing is printed before the end, but the time that the process has worked shows that windows were computed.
        try await process.wait(for: "five seconds of work") { $0.workTicks > 500 }
        process.signal(SIGINT)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(130))
        #expect(try result.lines.map(\.members.type) == ["threshold", "calibration"])
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test("Fails as watch does if there is nothing to measure")
    func nothing() async throws {
        let directory = try TemporaryDirectory()
        try await Gerund.run("calibrate", directory.path("nothing.mp4"))
            .expectRefused(exit: 3, "nothing.mp4", "no such file")
        let short = try await Gerund.run("calibrate", Gerund.clip, "--duration", "1")
        short.expectRefused(exit: 1)
        try await Gerund.run("calibrate", Gerund.clip, "--false-alarms-per-day", "0")
            .expectRefused(exit: 2, "--false-alarms-per-day")
    }
}
