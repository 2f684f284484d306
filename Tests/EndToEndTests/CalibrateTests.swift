import Foundation
import Glibc
import Testing

@Suite("Calibrating")
struct CalibrateTests {
    @Test("tells levels for each label, and what they are worth")
    func jsonLines() async throws {
        let result = try await Gerund.run("calibrate", Gerund.clip, "--label", "walking", "--label", "falling down")
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        let lines = try result.lines
        #expect(lines.map(\.members.type) == ["level", "level", "calibration"])
        #expect(
            lines.first?.names == [
                "type", "label", "enter", "exit", "found", "alarms", "usual_alarms", "at_most_per_day",
            ])
        #expect(
            lines.last?.names == [
                "type", "hours", "alarms", "at_most_per_day", "confidence", "budget_per_day", "kept",
                "needed_hours",
            ])
        #expect(result.output.contains(#""kept":false"#))
    }

    @Test("writes a file of levels anew, and no other file over")
    func out() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("levels.yaml")
        for label in ["walking", "falling down"] {
            let result = try await Gerund.run(
                "calibrate", Gerund.clip, "--label", label, "--out", path, "--format", "text")
            #expect(result.ending == .exited(0))
            #expect(result.output.contains("too little footage to promise 1"))
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("\nthresholds:\n  \"\(label)\": {enter: 0."))
        }
        let other = folder.path("mine.yaml")
        try "sources: []\n".write(toFile: other, atomically: true, encoding: .utf8)
        let refused = try await Gerund.run("calibrate", Gerund.clip, "--out", other)
        BadSourceTests.expectRefused(refused, exit: 2, "mine.yaml", "name another file")
        #expect(try String(contentsOfFile: other, encoding: .utf8) == "sources: []\n")
    }

    @Test("ends on Ctrl-C with what was watched until then")
    func interrupted() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("levels.yaml")
        let process = try await Gerund.start([
            "calibrate", "test:testsrc2=size=320x240:rate=25", "--label", "walking", "--out", path,
        ])
        // By the time that it has worked for so long, windows have been watched; nothing else tells.
        try await process.wait(for: "five seconds of work") { $0.workTicks > 500 }
        process.signal(SIGINT)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(130))
        #expect(try result.lines.map(\.members.type) == ["level", "calibration"])
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test("fails as watching does when there is nothing to see")
    func nothing() async throws {
        let folder = try TemporaryFolder()
        BadSourceTests.expectRefused(
            try await Gerund.run("calibrate", folder.path("nothing.mp4")), exit: 3, "nothing.mp4", "no such file")
        BadSourceTests.expectRefused(
            try await Gerund.run("calibrate", Gerund.clip, "--duration", "1"), exit: 1, "too little footage")
        BadSourceTests.expectRefused(
            try await Gerund.run("calibrate", Gerund.clip, "--false-alarms-per-day", "0"), exit: 2,
            "--false-alarms-per-day")
    }
}
