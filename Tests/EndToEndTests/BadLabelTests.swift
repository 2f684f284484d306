import Testing

@Suite("Labels that can't be used")
struct BadLabelTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func expectRefused(
        _ arguments: String..., saying parts: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let result = try await Gerund.run(["watch", Gerund.clip] + arguments)
        BadSourceTests.expectRefused(result, exit: 4, sourceLocation: sourceLocation)
        for part in parts {
            #expect(result.errors.contains(part), "\(result.errors)", sourceLocation: sourceLocation)
        }
        #expect(result.errors.utf8.count < 1000, "a line that can be read", sourceLocation: sourceLocation)
    }

    @Test("are told by classify in the same words")
    func classify() async throws {
        let watch = try await Gerund.run("watch", Gerund.clip, "--label", "")
        let classify = try await Gerund.run("classify", Gerund.clip, "--label", "")
        BadSourceTests.expectRefused(classify, exit: 4)
        #expect(watch.errors == classify.errors)
    }

    @Test("because there are none are told")
    func none() async throws {
        for text in ["", "\n\n# all gone\n"] {
            try await self.expectRefused(
                "--labels", try self.folder.write(text, to: "l.txt"), saying: "l.txt", "no label")
        }
        let silent = try ModelCopy(replacing: "gerund.json", with: #"{"name": "silent"}"#.utf8)
        try await self.expectRefused("--model", silent.path, saying: "no labels")
        try await self.expectRefused("--label", "", saying: "empty")
        try await self.expectRefused("--label", "  ", saying: "empty")
    }

    @Test("because there are 10,000 are told with the most there may be")
    func tooMany() async throws {
        let text = (1...10_000).map { "action number \($0)\n" }.joined()
        try await self.expectRefused("--labels", try self.folder.write(text, to: "l.txt"), saying: "10000", "4096")
    }

    @Test("because one has 5,000 characters are told with its beginning")
    func tooLong() async throws {
        try await self.expectRefused("--label", String(repeating: "waving ", count: 715), saying: "waving", "too long")
        let unspaced = String(repeating: "w", count: 5000)
        try await self.expectRefused("--labels", try self.folder.write(unspaced, to: "l.txt"), saying: "too long")
    }

    @Test("because their file is not UTF-8 are told with the line")
    func notUTF8() async throws {
        let bytes = Array("running\n".utf8) + [0x66, 0xe4, 0x6c, 0x6c, 0x74, 0x0a]
        try await self.expectRefused("--labels", try self.folder.write(bytes, to: "l.txt"), saying: "line 2", "UTF-8")
    }

    @Test("because their file is missing or a folder are told with its name")
    func noFile() async throws {
        try await self.expectRefused("--labels", self.folder.path("nothing.txt"), saying: "nothing.txt")
        try await self.expectRefused("--labels", self.folder.path, saying: "folder")
    }

    @Test("because one is reserved, or label and background at once, are told")
    func contradictions() async throws {
        try await self.expectRefused("--label", "none", saying: "none")
        try await self.expectRefused("--label", "running", "--background", "running", saying: "running")
        try await self.expectRefused("--label", "run\nning", saying: "line break")
    }
}
