import Foundation
import GerundTesting
import Testing

@Suite("Models that can't be loaded", .timeLimit(.minutes(10)))
struct BadModelTests {
    /// Expects the exit code for models and one line that names the file and contains `parts`.
    private func expectRefused(
        _ model: ModelCopy, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--model", model.path)
        result.expectRefused(exit: 4, sourceLocation: sourceLocation)
        #expect(result.output == "", "nothing runs", sourceLocation: sourceLocation)
        for part in parts {
            #expect(result.errors.contains(part), "\(result.errors)", sourceLocation: sourceLocation)
        }
    }

    @Test("A missing or empty model directory is named", arguments: ["watch", "classify"])
    func missing(command: String) async throws {
        let directory = try TemporaryDirectory()
        let result = try await Gerund.run(command, Gerund.clip, "--model", directory.path("no-model"))
        result.expectRefused(exit: 4, "no-model")
        let empty = try await Gerund.run(command, Gerund.clip, "--model", directory.path)
        empty.expectRefused(exit: 4, "config.json")
    }

    @Test(
        "Invalid JSON is reported with file, line and column",
        arguments: ["config.json", "preprocessor_config.json", "gerund.json", "vocab.json"])
    func brokenJSON(name: String) async throws {
        let model = try ModelCopy(replacing: name, with: "{\n  \"a\": }".utf8)
        try await self.expectRefused(model, name, "line 2, column 8")
    }

    @Test("A configuration of another model type is reported with that type")
    func otherType() async throws {
        let model = try ModelCopy(replacing: "config.json", with: #"{"model_type": "bert"}"#.utf8)
        try await self.expectRefused(model, "config.json", "model_type", "bert", "xclip")
    }

    /// The checksum is computed by another thread meanwhile, which must not use what exit handlers free.
    @Test("The exit code is the same however often a model is refused while its files are read")
    func repeated() async throws {
        let processor = String(decoding: try ModelCopy.bytes(of: "preprocessor_config.json"), as: UTF8.self)
        let model = try ModelCopy(
            replacing: "preprocessor_config.json", with: processor.replacing("96", with: "95").utf8)
        let result = try await Gerund.shell(
            "for i in $(seq 25); do \"$gerund\" watch \"$clip\" --model '\(model.path)' 2>/dev/null; echo $?; done")
        #expect(result.output == String(repeating: "4\n", count: 25))
    }

    @Test("Truncated weights are reported with their file", arguments: [0, 4, 8, 500, 100_000, 6_000_000])
    func truncated(count: Int) async throws {
        let bytes = try ModelCopy.bytes(of: "model.safetensors")
        let model = try ModelCopy(replacing: "model.safetensors", with: bytes.prefix(count))
        try await self.expectRefused(model, "model.safetensors")
    }

    @Test("A weights' header that would reach beyond the file is reported", arguments: [0x7f, 0xff] as [UInt8])
    func headerTooLong(lastByte: UInt8) async throws {
        var bytes = try ModelCopy.bytes(of: "model.safetensors")
        let size = bytes.count
        for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: size >> (8 * index)) }
        try await self.expectRefused(try ModelCopy(replacing: "model.safetensors", with: bytes), "model.safetensors")
        bytes[7] = lastByte
        try await self.expectRefused(try ModelCopy(replacing: "model.safetensors", with: bytes), "model.safetensors")
    }

    private static let tensor = "mit.encoder.layers.0.layer_norm1.weight"

    /// The tensor's entry in a weights' header: type, shape and offsets.
    private static func entry(in header: String) throws -> Range<String.Index> {
        try #require(header.firstRange(of: try Regex("\"\(Self.tensor)\":\\{[^}]*\\}").dotMatchesNewlines()))
    }

    @Test("Overlapping tensors are reported with a tensor's name")
    func overlap() async throws {
        let model = try ModelCopy { header in
            let range = try Self.entry(in: header)
            let entry = header[range].replacing(/"data_offsets":\[\d+,\d+\]/, with: #""data_offsets":[2,258]"#)
            header.replaceSubrange(range, with: entry)
        }
        try await self.expectRefused(model, "model.safetensors", "layer_norm1")
    }

    @Test("A tensor of the wrong shape is reported with the expected and the found one")
    func wrongShape() async throws {
        let model = try ModelCopy { header in
            let range = try Self.entry(in: header)
            header.replaceSubrange(range, with: header[range].replacing(/"shape":\[\d+\]/, with: #""shape":[2,64]"#))
        }
        try await self.expectRefused(model, "model.safetensors", Self.tensor, "128", "64")
    }

    @Test("A tensor of the wrong type is reported with the type that was found")
    func wrongType() async throws {
        let model = try ModelCopy { header in
            let range = try Self.entry(in: header)
            header.replaceSubrange(range, with: header[range].replacing(#""F16""#, with: #""I16""#))
        }
        try await self.expectRefused(model, "model.safetensors", Self.tensor, "I16")
    }

    @Test("A missing tensor is reported with its name")
    func missingTensor() async throws {
        let model = try ModelCopy { header in
            header = header.replacing("\"\(Self.tensor)\"", with: #""something.else""#)
        }
        try await self.expectRefused(model, "model.safetensors", Self.tensor)
    }
}
