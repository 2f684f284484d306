import Foundation
import GerundTesting
import Glibc
import Testing

@Suite("Record schema", .timeLimit(.minutes(10)))
struct SchemaTests {
    /// The schema that the program prints.
    private static let schema = Task {
        let result = try await Gerund.run("schema")
        result.expectSuccess()
        return try JSONSchema(parsing: result.output)
    }

    private func expectValid(
        _ lines: [OutputLine], types: Set<String>, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let schema = try await Self.schema.value
        for line in lines {
            let violations = schema.violations(of: line.text)
            #expect(violations == [], "\(line.text)", sourceLocation: sourceLocation)
        }
        #expect(Set(lines.map(\.members.type)) == types, sourceLocation: sourceLocation)
    }

    @Test("Is JSON with a definition for every type of record")
    func definitions() async throws {
        let schema = try await Self.schema.value
        #expect(
            Set(schema.recordTypes) == [
                "run", "label", "event", "source", "frames_dropped", "audit", "summary", "classification", "threshold",
                "calibration", "comparison", "device", "probe", "bench",
            ])
        #expect(!schema.violations(of: #"{"type":"nonsense"}"#).isEmpty)
        #expect(!schema.violations(of: #"{"type":"label","source":"door"}"#).isEmpty)
        #expect(!schema.violations(of: "[]").isEmpty)
    }

    @Test("Describes every record of watch")
    func watch() async throws {
        try await self.expectValid(
            try await Gerund.wholeClip.value.lines, types: ["run", "source", "label", "event", "summary"])
        let fast = try await Gerund.run(
            "watch", Gerund.clip, "--mode", "fast", "--audit", "20%", "--update-interval", "1", "--duration", "20")
        try await self.expectValid(
            try fast.lines, types: ["run", "source", "label", "event", "audit", "summary"])
        #expect(try fast.lines.ofType("event").contains { $0.phase == "updated" })
        let failed = try await Gerund.run("watch", "nothing.mp4")
        try await self.expectValid(try failed.lines, types: ["run", "source", "summary"])
    }

    @Test("Describes the records of an overloaded run")
    func overload() async throws {
        let process = try await Gerund.start(
            ["watch", "\(Gerund.testPattern)#name=door", "--pace", "realtime", "--format", "jsonl"],
            environment: ["GERUND_DEBUG_SLOWDOWN": "2s"])
        try await process.wait(for: "dropped frames") { $0.output.contains(#""type":"frames_dropped""#) }
        process.signal(SIGINT)
        let result = try await process.result(within: .seconds(30))
        try await self.expectValid(
            try result.lines.filter { !["label", "event"].contains($0.members.type) },
            types: ["run", "source", "frames_dropped", "summary"])
    }

    @Test("Describes the records of every other command")
    func commands() async throws {
        for (arguments, types) in [
            (["classify", Gerund.clip], ["classification"]),
            (["calibrate", Gerund.clip, "--label", "walking"], ["threshold", "calibration"]),
            (["compare", Gerund.clip, "--duration", "5"], ["comparison"]),
            (["probe", Gerund.clip, "--format", "jsonl"], ["probe"]),
            (["bench", "--json", "--model", Gerund.demoModel, "--runs", "1"], ["bench"]),
        ] as [([String], Set<String>)] {
            let result = try await Gerund.run(arguments)
            #expect(result.ending == .exited(0), "\(result.errors)")
            try await self.expectValid(try result.lines, types: types)
        }
    }

    @Test("Describes every record in README.md and in the help")
    func documentation() async throws {
        let readme = try String(contentsOfFile: "\(Gerund.root)/README.md", encoding: .utf8)
        let records = readme.split(separator: "\n").filter { $0.hasPrefix(#"{"type":"#) }
        #expect(records.count >= 2)
        var help: [Substring] = []
        for command in ["watch", "classify", "calibrate", "compare", "probe", "devices", "bench", "schema"] {
            let result = try await Gerund.run(command, "--help")
            result.expectSuccess()
            help += result.output.split(separator: "\n").map { $0.trimmingPrefix(while: \.isWhitespace) }
                .filter { $0.hasPrefix(#"{"type":"#) }
        }
        let schema = try await Self.schema.value
        for record in records + help {
            #expect(schema.violations(of: String(record)) == [], "\(record)")
        }
    }
}
