import GerundTesting
import Testing

@Suite("Labels that can't be used", .timeLimit(.minutes(10)))
struct BadLabelTests {
    private let directory: TemporaryDirectory

    init() throws { self.directory = try TemporaryDirectory() }

    private func expectRefused(
        _ arguments: String..., saying parts: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let result = try await Gerund.run(["watch", Gerund.clip] + arguments)
        result.expectRefused(exit: 4, sourceLocation: sourceLocation)
        for part in parts {
            #expect(result.errors.contains(part), "\(result.errors)", sourceLocation: sourceLocation)
        }
        #expect(result.errors.utf8.count < 1000, "a line that can be read", sourceLocation: sourceLocation)
    }

    @Test("Watch and classify report the same error")
    func classify() async throws {
        let watch = try await Gerund.run("watch", Gerund.clip, "--label", "")
        let classify = try await Gerund.run("classify", Gerund.clip, "--label", "")
        classify.expectRefused(exit: 4)
        #expect(watch.errors == classify.errors)
    }

    @Test("A label file, a model or an option without any label is refused")
    func empty() async throws {
        for text in ["", "\n\n# all gone\n"] {
            try await self.expectRefused(
                "--labels", try self.directory.write(text, to: "l.txt"), saying: "l.txt", "no label")
        }
        let silent = try ModelCopy(replacing: "gerund.json", with: #"{"name": "silent"}"#.utf8)
        try await self.expectRefused("--model", silent.path, saying: "no labels")
        try await self.expectRefused("--label", "", saying: "empty")
        try await self.expectRefused("--label", "  ", saying: "empty")
    }

    @Test("10,000 labels are refused with the maximum in the message")
    func tooMany() async throws {
        let text = (1...10_000).map { "action number \($0)\n" }.joined()
        try await self.expectRefused("--labels", try self.directory.write(text, to: "l.txt"), saying: "10000", "4096")
    }

    @Test("A label of 5,000 characters is refused with its beginning in the message")
    func tooLong() async throws {
        try await self.expectRefused("--label", String(repeating: "waving ", count: 715), saying: "waving", "too long")
        let unspaced = String(repeating: "w", count: 5000)
        try await self.expectRefused("--labels", try self.directory.write(unspaced, to: "l.txt"), saying: "too long")
    }

    @Test("A label file that isn't UTF-8 is refused with the line number")
    func notUTF8() async throws {
        let bytes = Array("running\n".utf8) + [0x66, 0xe4, 0x6c, 0x6c, 0x74, 0x0a]
        try await self.expectRefused(
            "--labels", try self.directory.write(bytes, to: "l.txt"), saying: "l.txt:2: ", "UTF-8")
    }

    @Test("A label file that is missing or a directory is refused with its name")
    func noFile() async throws {
        try await self.expectRefused("--labels", self.directory.path("nothing.txt"), saying: "nothing.txt")
        try await self.expectRefused("--labels", self.directory.path, saying: "directory")
    }

    @Test("A label that is also a background phrase, or that has a line break, is refused")
    func contradictions() async throws {
        try await self.expectRefused("--label", "running", "--background", "running", saying: "running")
        try await self.expectRefused("--label", "run\nning", saying: "line break")
    }
}
