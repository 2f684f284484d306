import Testing

@Suite("Watching with an engine that is too slow")
struct DegradationTests {
    @Test("gives up exactness, then windows, then frames, says so, and comes to its end")
    func brake() async throws {
        // A window takes 0.4 seconds, on an idle machine and on a busy one; a frame comes each 0.25.
        let program = try await Gerund.start(
            ["watch", Gerund.clip, "--pace", "realtime", "--duration", "16", "--format", "jsonl"],
            environment: ["GERUND_BRAKE": "0.4s"])
        let result = try await program.result()
        #expect(result.ending == .exited(0))
        let lines = try result.lines
        let steps = lines.filter { $0.members.type == "source" && $0.members.state == "degraded" }
        let first = try #require(steps.first)
        #expect(first.names == ["type", "source", "state", "mode", "rate", "dropping", "time"])
        #expect(first.members.mode == "fast" && first.members.rate == 4)
        let second = try #require(steps.dropFirst().first)
        #expect(second.members.mode == "fast" && second.members.rate == 2)
        // What was left undone is counted.
        let end = try #require(lines.last)
        #expect(
            end.names == [
                "type", "source", "frames", "windows", "dropped", "skipped", "queued_max", "queue_ms_max",
                "engine_ms_max",
            ])
        let dropped = lines.ofType("dropped").compactMap(\.frames).reduce(0, +)
        #expect(end.members.dropped == dropped)
        let windows = lines.ofType("label").count
        #expect(windows > 0 && windows == end.members.windows)
    }

    @Test("leaves a file alone that is read as fast as it is computed")
    func file() async throws {
        let program = try await Gerund.start(
            ["watch", Gerund.clip, "--pace", "fast", "--duration", "4", "--format", "jsonl"],
            environment: ["GERUND_BRAKE": "20"])
        let lines = try await program.result().lines
        #expect(!lines.contains { $0.members.state == "degraded" })
        #expect(lines.ofType("label").allSatisfy { $0.mode == "exact" })
        #expect(lines.last?.members.dropped == 0)
    }
}
