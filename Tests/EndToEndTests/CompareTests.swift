import Testing

@Suite("Command compare", .timeLimit(.minutes(10)))
struct CompareTests {
    @Test("Reports the score error and the accuracy of each refresh policy")
    func clip() async throws {
        let result = try await Gerund.run(
            "compare", Gerund.clip, "--duration", "20", "--refresh", "0", "--refresh", "1", "--refresh", "all",
            "--format", "jsonl")
        result.expectSuccess()
        let lines = try result.lines
        #expect(
            lines.first?.names == [
                "type", "precision", "refreshed_tokens", "windows", "top1_changes", "top1_agreement",
                "confident_windows", "confident_agreement", "labeled_windows", "accuracy", "mean_score_error",
                "max_score_error", "score_error_bound", "confidence",
            ])
        let records = lines.map(\.members)
        #expect(records.map(\.type) == ["comparison", "comparison", "comparison"])
        #expect(records.map(\.refreshedTokens) == [0, 1, nil])
        // Four windows per second once the first one is full.
        #expect(records.allSatisfy { $0.windows == 73 })

        let (cached, classToken, all) = (records[0], records[1], records[2])
        let errors = (try #require(cached.meanScoreError), try #require(classToken.meanScoreError))
        #expect(errors.0 > errors.1 && errors.1 > 0, "a refreshed class token makes fast mode better")
        #expect(errors.1 < 0.01)
        #expect(try #require(classToken.topAgreement) > 0.95)
        #expect(all.meanScoreError == 0 && all.maxScoreError == 0 && all.topAgreement == 1, "all tokens: exact mode")
    }

    @Test("Prints a table as text")
    func text() async throws {
        let result = try await Gerund.run(
            "compare", Gerund.clip, "--duration", "5", "--refresh", "1", "--format", "text")
        result.expectSuccess()
        #expect(!result.output.contains("{"))
        #expect(result.output.contains(/\nf32 +1 +\d+\.\d+ %/), "\(result.output)")
    }

    @Test("Refuses a file that can't be read")
    func missing() async throws {
        let result = try await Gerund.run("compare", "nothing.mp4")
        result.expectRefused(exit: 3, "nothing.mp4", "no such file")
        #expect(result.output == "")
    }
}
