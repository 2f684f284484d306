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
