import Foundation
import GerundCore
import GerundTesting
import Testing

@testable import GerundCheckpoint

@Suite("ModelDirectory")
struct ModelDirectoryTests {
    let directory: TemporaryDirectory

    /// Writes a complete directory, from which each test removes something.
    init() throws {
        self.directory = try TemporaryDirectory()
        try self.directory.write(#"{"model_type": "xclip"}"#, to: "config.json")
        try self.directory.write(#"{"size": 224}"#, to: "preprocessor_config.json")
        try self.directory.write(#"{"a": 0, "a</w>": 1, "aa</w>": 2}"#, to: "vocab.json")
        try self.directory.write("#version: 0.2\na a</w>\n", to: "merges.txt")
        try self.directory.write(
            SafeTensorsBytes.make([("w", "F32", [1], SafeTensorsBytes.f32([1]))]), to: "model.safetensors")
    }

    func open() throws(CheckpointError) -> ModelDirectory { try ModelDirectory(path: self.directory.path) }

    /// Expects that opening fails because of `file` (`nil`: the directory itself), with a one-line message that
    /// contains `message`.
    func expectRefused(
        _ code: CheckpointError.Code, _ file: String?, _ message: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: CheckpointError.self, sourceLocation: sourceLocation) { try self.open() }
        let description = error?.summary ?? ""
        #expect(error?.code == code, "\(description)", sourceLocation: sourceLocation)
        #expect(error?.path == file.map(self.directory.path(_:)) ?? self.directory.path, sourceLocation: sourceLocation)
        #expect(description.contains(message), "\(description)", sourceLocation: sourceLocation)
        #expect(!description.contains("\n"), sourceLocation: sourceLocation)
    }

    @Test("Returns the contents of its files")
    func whole() throws {
        try self.directory.write(#"{"name": "demo", "labels": ["waving"], "window": 2}"#, to: "gerund.json")
        let model = try self.open()
        #expect(model.configuration["model_type"] == .string("xclip"))
        #expect(model.preprocessor?["size"] == .integer(224))
        #expect(model.configurationPath == self.directory.path("config.json"))
        #expect(model.tokenizer.vocabulary == ["a": 0, "a</w>": 1, "aa</w>": 2])
        #expect(model.tokenizer.merges == ["a a</w>"])
        #expect(model.tokenizer.maximumLength == nil && model.tokenizer.eosToken == nil)
        #expect(model.weights.names == ["w"])
        #expect(model.name == "demo" && model.settingsPath == self.directory.path("gerund.json"))
        #expect(model.settings?.names == ["name", "labels", "window"] && model.settings?["window"] == .integer(2))
    }

    @Test("Needs neither preprocessor_config.json nor gerund.json, and takes its name from the path then")
    func optionalFiles() throws {
        try self.directory.remove("preprocessor_config.json")
        let model = try ModelDirectory(path: self.directory.path + "/")
        #expect(model.preprocessor == nil)
        #expect(model.settings == nil)
        #expect(model.name == self.directory.path.split(separator: "/").last.map(String.init))
        #expect(model.configurationPath == self.directory.path("config.json"))
    }

    @Test("Reads processor_config.json if there is no preprocessor_config.json")
    func processorConfiguration() throws {
        try self.directory.write(#"{"image_processor": {}}"#, to: "processor_config.json")
        #expect(try self.open().preprocessorPath == self.directory.path("preprocessor_config.json"))
        try self.directory.remove("preprocessor_config.json")
        #expect(try self.open().preprocessorPath == self.directory.path("processor_config.json"))
    }

    @Test("Refuses a missing path, a file, and a directory without config.json")
    func noDirectory() throws {
        func code(_ path: String) -> CheckpointError.Code? {
            #expect(throws: CheckpointError.self) { try ModelDirectory(path: path) }?.code
        }
        #expect(code(self.directory.path("nothing")) == .notFound)
        #expect(code(self.directory.path("config.json")) == .wrongKind)
        #expect(code("") == .notFound)
        try self.directory.remove("config.json")
        self.expectRefused(.notFound, nil, "no config.json")
    }

    @Test("Says what to do about missing or unsupported weights")
    func noWeights() throws {
        try self.directory.remove("model.safetensors")
        self.expectRefused(.notFound, nil, "no model.safetensors")
        try self.directory.write([0x80, 2], to: "pytorch_model.bin")
        self.expectRefused(.unsupported, nil, "convert")
        try self.directory.write("{}", to: "model.safetensors.index.json")
        self.expectRefused(.unsupported, nil, "sharded weights")
        try self.directory.write([1, 2, 3], to: "model.safetensors")
        self.expectRefused(.malformed, "model.safetensors", "not a safetensors file")
    }

    @Test(
        "Refuses an invalid JSON file, with line and column",
        arguments: [
            "config.json", "preprocessor_config.json", "vocab.json", "gerund.json", "tokenizer_config.json",
        ])
    func brokenJSON(name: String) throws {
        try self.directory.write("{\n  \"a\": }", to: name)
        self.expectRefused(.malformed, name, "invalid JSON: line 2, column 8: expected a value")
        try self.directory.write("[1]", to: name)
        self.expectRefused(.malformed, name, "expected an object, found an array of 1")
        try self.directory.write([0x7B, 0xFF, 0x7D], to: name)
        self.expectRefused(.malformed, name, "invalid UTF-8")
        try self.directory.write("", to: name)
        self.expectRefused(.malformed, name, "unexpected end of input")
        try? self.directory.remove(name)
        try self.directory.makeDirectory(name)
        self.expectRefused(.wrongKind, name, "is a directory, expected a file")
    }

    @Test("Refuses an oversized text file before reading it")
    func tooLarge() throws {
        let handle = try #require(FileHandle(forWritingAtPath: self.directory.path("config.json")))
        try handle.truncate(atOffset: UInt64(ModelDirectoryReader.maximumFileSize) + 1)
        self.expectRefused(.tooLarge, "config.json", "limit")
    }

    // MARK: Tokenizer

    @Test("Reads the tokenizer from tokenizer.json", arguments: [#""a a</w>""#, #"["a", "a</w>"]"#])
    func combinedTokenizer(merge: String) throws {
        let json = #"""
            {"added_tokens": [{"id": 3, "content": "<|endoftext|>"}, {"id": 9, "content": "a"}],
             "model": {"type": "BPE", "end_of_word_suffix": "</w>", "vocab": {"a": 0, "a</w>": 1, "aa</w>": 2},
                       "merges": [\#(merge)]}}
            """#
        try self.directory.write(json, to: "tokenizer.json")
        #expect(try self.open().tokenizer.path == self.directory.path("vocab.json"))
        try self.directory.remove("vocab.json")
        let tokenizer = try self.open().tokenizer
        #expect(tokenizer.vocabulary == ["a": 0, "a</w>": 1, "aa</w>": 2, "<|endoftext|>": 3])
        #expect(tokenizer.merges == ["a a</w>"])
    }

    @Test("Says which file of the tokenizer is missing or invalid")
    func noTokenizer() throws {
        try self.directory.remove("merges.txt")
        self.expectRefused(.notFound, nil, "no merges.txt")
        try self.directory.write(#"{"model": {"type": "WordPiece"}}"#, to: "tokenizer.json")
        self.expectRefused(.unsupported, "tokenizer.json", "WordPiece")
        for json in [
            "{}", #"{"model": {}}"#, #"{"model": {"vocab": {"a": 0.5}, "merges": []}}"#,
            #"{"model": {"vocab": {}, "merges": [1]}}"#, #"{"model": {"vocab": {}, "merges": [["a"]]}}"#,
        ] {
            try self.directory.write(json, to: "tokenizer.json")
            self.expectRefused(.invalidValue, "tokenizer.json", "must be ")
        }
        try self.directory.remove("tokenizer.json")
        try self.directory.remove("vocab.json")
        self.expectRefused(.notFound, nil, "no tokenizer")
        try self.directory.write("", to: "merges.txt")
        self.expectRefused(.notFound, nil, "no vocab.json")
    }

    @Test("Prefers the special tokens and the length of tokenizer_config.json")
    func tokenizerSettings() throws {
        try self.directory.write(
            #"{"bos_token": "<s>", "pad_token": {"content": "<p>", "lstrip": false}}"#, to: "special_tokens_map.json")
        try self.directory.write(
            #"{"bos_token": {"content": "<b>"}, "eos_token": "<e>", "unk_token": null, "model_max_length": 77}"#,
            to: "tokenizer_config.json")
        let tokenizer = try self.open().tokenizer
        #expect(tokenizer.bosToken == "<b>" && tokenizer.eosToken == "<e>" && tokenizer.unknownToken == nil)
        #expect(tokenizer.paddingToken == "<p>" && tokenizer.maximumLength == 77)
        let unlimited = #"{"model_max_length": 1000000000000000019884624838656}"#
        try self.directory.write(unlimited, to: "tokenizer_config.json")
        #expect(try self.open().tokenizer.maximumLength == nil)
    }

    @Test("Reads merges with any line endings, including symbols that begin with #")
    func mergeLines() throws {
        try self.directory.write("#version: 0.2\r\n# #\r\n\r\na a</w>", to: "merges.txt")
        #expect(try self.open().tokenizer.merges == ["# #", "a a</w>"])
        try self.directory.write([0xC3, 0x28], to: "merges.txt")
        self.expectRefused(.malformed, "merges.txt", "invalid UTF-8")
    }
}
