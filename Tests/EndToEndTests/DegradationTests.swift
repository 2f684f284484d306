import FoundationEssentials
import GerundTesting
import Glibc
import Testing

@Suite("Degradation under load", .timeLimit(.minutes(10)))
struct DegradationTests {
    /// The members of each record with a change of the service level, in order.
    private func changes(_ lines: [OutputLine]) -> [OutputLine.Members] {
        lines.ofType("source").filter { ["degraded", "recovered"].contains($0.state) }
    }

    @Test("Degrades from exact to fast windows, then to fewer windows, then to fewer frames, and reports each step")
    func steps() async throws {
        // A window takes 1.2 seconds, on an idle machine and on a busy one; a frame comes every 0.25.
        let program = try await Gerund.start(
            ["watch", "\(Gerund.testPattern)#name=door", "--pace", "realtime", "--format", "jsonl"],
            environment: ["GERUND_DEBUG_SLOWDOWN": "1.2s"])
        try await program.wait(for: "the frame-dropping step") { $0.output.contains(#""frame_drop_ratio":0.5"#) }
        try await program.wait(for: "dropped frames") { $0.output.contains(#""type":"frames_dropped""#) }
        try await program.wait(for: "a label") { $0.output.contains(#""type":"label""#) }
        program.signal(SIGINT)
        let result = try await program.result(within: .seconds(30))
        #expect(result.ending == .exited(130))
        let lines = try result.lines

        let steps = self.changes(lines)
        let records = lines.filter { $0.members.state == "degraded" }
        #expect(
            records.first?.names == [
                "type", "source", "state", "mode", "windows_per_s", "frame_drop_ratio", "time",
            ])
        #expect(steps.allSatisfy { $0.mode == "fast" })
        #expect(steps.map(\.rate).starts(with: [4, 2, 1]))
        #expect(steps.prefix(3).allSatisfy { ($0.frameDropRatio ?? 0) == 0 })
        #expect(steps.dropFirst(3).first?.frameDropRatio == 0.5)

        // Everything that was skipped is counted.
        let summary = try #require(lines.last)
        #expect(
            summary.names == [
                "type", "source", "frames_read", "windows", "frames_dropped", "windows_skipped", "max_queue_depth",
                "max_queue_ms", "max_inference_ms", "time",
            ])
        let dropped = lines.ofType("frames_dropped").compactMap(\.count)
        #expect(dropped.allSatisfy { $0 > 0 })
        #expect(summary.members.framesDropped == dropped.reduce(0, +))
        #expect(try #require(summary.members.windowsSkipped) > 0)
        let windows = lines.ofType("label").count
        #expect(windows > 0 && windows == summary.members.windows)
    }

    @Test("Recovers step by step to exact windows when the engine is fast enough again")
    func recovery() async throws {
        let directory = try TemporaryDirectory()
        let slowdown = try directory.write("0.4s", to: "slowdown")
        let program = try await Gerund.start(
            ["watch", "\(Gerund.testPattern)#name=door", "--pace", "realtime", "--format", "jsonl"],
            environment: ["GERUND_DEBUG_SLOWDOWN": slowdown])
        try await program.wait(for: "a second step") {
            $0.output.components(separatedBy: #""state":"degraded""#).count > 2
        }
        try directory.write("1", to: "slowdown")
        try await program.wait(for: "exact windows") {
            $0.output.contains(/"state":"recovered","mode":"exact"/)
        }
        let count = program.output.components(separatedBy: #""type":"label""#).count
        try await program.wait(for: "more labels") {
            $0.output.components(separatedBy: #""type":"label""#).count > count + 2
        }
        program.signal(SIGINT)
        let result = try await program.result(within: .seconds(30))
        #expect(result.ending == .exited(130))
        let lines = try result.lines
        let changes = self.changes(lines)
        #expect(changes.first?.state == "degraded" && changes.last?.state == "recovered")
        #expect(changes.last?.mode == "exact" && changes.last?.rate == 4)
        let names = lines.first { $0.members.state == "recovered" }?.names ?? []
        #expect(names.starts(with: ["type", "source", "state", "mode", "windows_per_s"]), "\(names)")
        #expect(lines.ofType("label").last?.mode == "exact")
    }

    @Test("Skips nothing of a file that is read unpaced")
    func file() async throws {
        let program = try await Gerund.start(
            ["watch", Gerund.clip, "--pace", "unpaced", "--duration", "4", "--format", "jsonl"],
            environment: ["GERUND_DEBUG_SLOWDOWN": "20"])
        let lines = try await program.result().lines
        #expect(!lines.contains { $0.members.state == "degraded" })
        #expect(lines.ofType("label").count == 9)
        #expect(lines.ofType("label").allSatisfy { $0.mode == "exact" })
        #expect(lines.last?.members.framesDropped == 0)
    }
}
