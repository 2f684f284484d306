import Testing

@Suite("Classifying")
struct ClassifyTests {
    @Test("gives one record for each clip")
    func jsonLines() async throws {
        let result = try await Gerund.run("classify", Gerund.clip, "--top", "3")
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        let lines = try result.lines
        #expect(lines.count == 1)
        #expect(lines.first?.names == ["type", "source", "label", "score", "share", "top", "windows", "span"])
        #expect(lines.first?.members.windows == 193)
        #expect(lines.first?.members.span == 2)
    }

    @Test("prints the best labels for people, the same on every run")
    func text() async throws {
        let result = try await Gerund.run("classify", Gerund.clip, "--format", "text", "--top", "3", "--span", "8")
        let again = try await Gerund.run("classify", Gerund.clip, "--format", "text", "--top", "3", "--span", "8")
        #expect(result.output == again.output)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.first == "everyday-actions.mp4")
        #expect(lines.dropFirst().allSatisfy { $0.contains(/^  [01]\.\d{3}  [01]\.\d{3}  \w/) })
    }

    @Test("covers a clip that is shorter than the span with one window")
    func shortClip() async throws {
        let result = try await Gerund.run("classify", Gerund.clip, "--span", "120")
        #expect(result.ending == .exited(0))
        let answer = try #require(try result.lines.first?.members)
        #expect(answer.windows == 1)
        #expect(49...58 ~= (answer.span ?? 0))
    }

    @Test("passes over a clip that can't be read, and says so")
    func oneMissing() async throws {
        let folder = try TemporaryFolder()
        let result = try await Gerund.run("classify", folder.path("nothing.mp4"), Gerund.clip, "--span", "8")
        BadSourceTests.expectRefused(result, exit: 1, "nothing.mp4", "no such file")
        #expect(try result.lines.map(\.members.source) == ["everyday-actions.mp4"])
        let none = try await Gerund.run("classify", folder.path("nothing.mp4"))
        BadSourceTests.expectRefused(none, exit: 3, "nothing.mp4")
        #expect(none.output == "")
    }

    @Test("ends in silence when nobody reads any more")
    func closedPipe() async throws {
        let result = try await Gerund.shell(#"{ "$gerund" classify "$clip" --span 20; echo $? >&2; } | true"#)
        #expect(result.errors == "0\n")
    }
}
