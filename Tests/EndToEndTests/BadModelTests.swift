import Foundation
import Testing

@Suite("A model that can't be loaded")
struct BadModelTests {
    /// Expects the exit code for models and one line that names the file and contains `parts`.
    private func expectRefused(
        _ model: ModelCopy, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--model", model.path)
        BadSourceTests.expectRefused(result, exit: 4, sourceLocation: sourceLocation)
        #expect(result.output == "", "nothing runs", sourceLocation: sourceLocation)
        for part in parts {
            #expect(result.errors.contains(part), "\(result.errors)", sourceLocation: sourceLocation)
        }
    }

    @Test("because there is no such folder is named", arguments: ["watch", "classify"])
    func missing(command: String) async throws {
        let folder = try TemporaryFolder()
        let result = try await Gerund.run(command, Gerund.clip, "--model", folder.path("no-model"))
        BadSourceTests.expectRefused(result, exit: 4, "no-model")
        let empty = try await Gerund.run(command, Gerund.clip, "--model", folder.path)
        BadSourceTests.expectRefused(empty, exit: 4, "config.json")
    }

    @Test(
        "because a JSON file is broken is told with line and column",
        arguments: ["config.json", "preprocessor_config.json", "gerund.json", "vocab.json"])
    func brokenJSON(name: String) async throws {
        let model = try ModelCopy(replacing: name, with: "{\n  \"a\": }".utf8)
        try await self.expectRefused(model, name, "line 2, column 8")
    }

    @Test("because its configuration is of another kind is told")
    func otherKind() async throws {
        let model = try ModelCopy(replacing: "config.json", with: #"{"model_type": "bert"}"#.utf8)
        try await self.expectRefused(model, "config.json")
    }

    @Test("because its weights are cut off is told", arguments: [0, 4, 8, 500, 100_000, 6_000_000])
    func truncated(count: Int) async throws {
        let bytes = try ModelCopy.bytes(of: "model.safetensors")
        let model = try ModelCopy(replacing: "model.safetensors", with: bytes.prefix(count))
        try await self.expectRefused(model, "model.safetensors")
    }

    @Test("because its weights' header would reach beyond the file is told", arguments: [0x7f, 0xff] as [UInt8])
    func headerTooLong(lastByte: UInt8) async throws {
        var bytes = try ModelCopy.bytes(of: "model.safetensors")
        let size = bytes.count
        for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: size >> (8 * index)) }
        try await self.expectRefused(try ModelCopy(replacing: "model.safetensors", with: bytes), "model.safetensors")
        bytes[7] = lastByte
        try await self.expectRefused(try ModelCopy(replacing: "model.safetensors", with: bytes), "model.safetensors")
    }

    private static let tensor = "mit.encoder.layers.0.layer_norm1.weight"

    /// The tensor's entry in a weights' header: type, shape, place.
    private static func entry(in header: String) throws -> Range<String.Index> {
        try #require(header.firstRange(of: try Regex("\"\(Self.tensor)\":\\{[^}]*\\}").dotMatchesNewlines()))
    }

    @Test("because two tensors overlap is told with a tensor's name")
    func overlap() async throws {
        let model = try ModelCopy { header in
            let place = try Self.entry(in: header)
            let entry = header[place].replacing(/"data_offsets":\[\d+,\d+\]/, with: #""data_offsets":[2,258]"#)
            header.replaceSubrange(place, with: entry)
        }
        try await self.expectRefused(model, "model.safetensors", "layer_norm1")
    }

    @Test("because a tensor has the wrong shape is told with what was expected and found")
    func wrongShape() async throws {
        let model = try ModelCopy { header in
            let place = try Self.entry(in: header)
            header.replaceSubrange(place, with: header[place].replacing(/"shape":\[\d+\]/, with: #""shape":[2,64]"#))
        }
        try await self.expectRefused(model, "model.safetensors", Self.tensor, "128", "64")
    }

    @Test("because a tensor has the wrong type is told with what was found")
    func wrongType() async throws {
        let model = try ModelCopy { header in
            let place = try Self.entry(in: header)
            header.replaceSubrange(place, with: header[place].replacing(#""F16""#, with: #""I16""#))
        }
        try await self.expectRefused(model, "model.safetensors", Self.tensor, "I16")
    }

    @Test("because a tensor is missing is told with its name")
    func missingTensor() async throws {
        let model = try ModelCopy { header in
            header = header.replacing("\"\(Self.tensor)\"", with: #""something.else""#)
        }
        try await self.expectRefused(model, "model.safetensors", Self.tensor)
    }
}

@Suite("Labels that can't be used")
struct BadLabelTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func expectRefused(
        _ arguments: String..., saying parts: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for command in ["watch", "classify"] {
            let result = try await ChildProcess(Gerund.program, [command, Gerund.clip] + arguments).result()
            BadSourceTests.expectRefused(result, exit: 4, sourceLocation: sourceLocation)
            for part in parts {
                #expect(result.errors.contains(part), "\(result.errors)", sourceLocation: sourceLocation)
            }
            #expect(result.errors.utf8.count < 1000, "a line that can be read", sourceLocation: sourceLocation)
        }
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
