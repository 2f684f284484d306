import Testing

@Suite("Audit of fast mode", .timeLimit(.minutes(10)))
struct AuditTests {
    private static func watch(_ audit: String) async throws -> [OutputLine] {
        let result = try await Gerund.run("watch", Gerund.clip, "--mode", "fast", "--audit", audit)
        result.expectSuccess()
        return try result.lines
    }

    @Test("Reports the score error of fast windows, and the same one on every run over a file")
    func repeatedRuns() async throws {
        let lines = try await Self.watch("50%")
        let audits = lines.filter { $0.members.type == "audit" }
        #expect(audits.count > 3)
        #expect(
            audits.first?.names == [
                "type", "source", "media_time", "windows", "top1_changes", "max_score_error", "score_error_bound",
                "confidence", "sample_size", "time",
            ])
        let errors = audits.compactMap(\.members.maxScoreError)
        #expect(errors.count == audits.count && errors.allSatisfy { 0...1 ~= $0 })
        #expect(try #require(errors.max()) > 0, "fast mode isn't exact")
        #expect(lines.last?.members.type == "summary")
        #expect(lines.map(\.timeless) == (try await Self.watch("0.5")).map(\.timeless))
    }

    @Test("Changes no label, however many windows are audited, as long as no event depends on them")
    func labels() async throws {
        func labels(_ lines: [OutputLine]) -> [String] {
            lines.filter { $0.members.type == "label" && $0.members.mode == "fast" }.prefix(20).map(\.timeless)
        }
        let all = labels(try await Self.watch("100%"))
        #expect(all.count == 20)
        #expect(all == labels(try await Self.watch("0")))
    }

    @Test("Refuses a fraction outside of 0 to 1", arguments: ["2", "101%", "-1%", "much", "%"])
    func invalidFractions(fraction: String) async throws {
        try await Gerund.run("watch", Gerund.clip, "--audit", fraction).expectRefused(exit: 2, "--audit")
    }
}
