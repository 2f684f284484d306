import Testing

@Suite("Auditing the fast mode")
struct AuditTests {
    private static func watch(_ audit: String) async throws -> [OutputLine] {
        let result = try await Gerund.run("watch", Gerund.clip, "--mode", "fast", "--audit", audit)
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        return try result.lines
    }

    /// Without what differs from run to run.
    private static func lasting(_ lines: [OutputLine]) -> [String] {
        lines.map { $0.text.replacing(/"(time|latency_ms)":[^,}]*/, with: "") }
    }

    @Test("tells how far fast windows stray, the same on every run over a file")
    func twice() async throws {
        let lines = try await Self.watch("50%")
        let audits = lines.filter { $0.members.type == "audit" }
        #expect(audits.count > 3)
        #expect(
            audits.first?.names == [
                "type", "source", "t", "windows", "flips", "largest_change", "bound", "coverage", "sample", "time",
            ])
        #expect(lines.last?.members.type == "end")
        #expect(Self.lasting(lines) == Self.lasting(try await Self.watch("0.5")))
    }

    @Test("changes no label, however much is audited, as long as no event depends on it")
    func labels() async throws {
        func labels(_ lines: [OutputLine]) -> [String] {
            Self.lasting(lines.filter { $0.members.type == "label" && $0.members.mode == "fast" }.prefix(20).map { $0 })
        }
        let all = labels(try await Self.watch("100%"))
        #expect(all.count == 20)
        #expect(all == labels(try await Self.watch("0")))
    }

    @Test("takes a share from nothing to all", arguments: ["2", "101%", "-1%", "much", "%"])
    func shares(share: String) async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--audit", share)
        BadSourceTests.expectRefused(result, exit: 2, "--audit")
    }

    @Test("is told by a comparison too, of all windows")
    func comparison() async throws {
        let result = try await Gerund.run("compare", Gerund.clip, "--refresh", "1", "--duration", "20")
        #expect(result.ending == .exited(0))
        let names = try result.lines.first?.names ?? []
        #expect(["windows", "flips", "largest_change", "bound", "coverage"].allSatisfy(names.contains))
    }
}
