import Foundation
import Testing

@testable import GerundCheckpoint

@Suite("A model folder")
struct ModelFolderTests {
    let folder: TemporaryFolder

    /// A whole folder, from which each test takes something away.
    init() throws {
        self.folder = try TemporaryFolder()
        try self.folder.write(#"{"model_type": "xclip"}"#, to: "config.json")
        try self.folder.write(#"{"size": 224}"#, to: "preprocessor_config.json")
        try self.folder.write(#"{"a": 0, "a</w>": 1, "aa</w>": 2}"#, to: "vocab.json")
        try self.folder.write("#version: 0.2\na a</w>\n", to: "merges.txt")
        try self.folder.write(
            SafeTensorsBytes.make([("w", "F32", [1], SafeTensorsBytes.f32([1]))]), to: "model.safetensors")
    }

    func open() throws(CheckpointError) -> ModelFolder { try ModelFolder(path: self.folder.path) }

    /// Expects a refusal of `file` (nil: the folder itself) with that code, in one line that contains `message`.
    func expectRefused(
        _ code: CheckpointError.Code, _ file: String?, _ message: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: CheckpointError.self, sourceLocation: sourceLocation) { try self.open() }
        let description = error?.description ?? ""
        #expect(error?.code == code, "\(description)", sourceLocation: sourceLocation)
        #expect(error?.path == file.map(self.folder.path(_:)) ?? self.folder.path, sourceLocation: sourceLocation)
        #expect(description.contains(message), "\(description)", sourceLocation: sourceLocation)
        #expect(!description.contains("\n"), sourceLocation: sourceLocation)
    }

    @Test("gives its files and values")
    func whole() throws {
        try self.folder.write(#"{"name": "demo", "labels": ["waving"], "span": 2}"#, to: "gerund.json")
        let model = try self.open()
        #expect(String(decoding: model.configurationData, as: UTF8.self) == #"{"model_type": "xclip"}"#)
        #expect(model.preprocessorData.map { String(decoding: $0, as: UTF8.self) } == #"{"size": 224}"#)
        #expect(model.configurationPath == self.folder.path("config.json"))
        #expect(model.tokenizer.vocabulary == ["a": 0, "a</w>": 1, "aa</w>": 2])
        #expect(model.tokenizer.merges == ["a a</w>"])
        #expect(model.tokenizer.maximumLength == nil && model.tokenizer.endToken == nil)
        #expect(model.weights.names == ["w"])
        #expect(model.name == "demo" && model.defaults.labels == ["waving"] && model.defaults.span == .seconds(2))
    }

    @Test("needs neither preprocessor_config.json nor gerund.json, and is named after itself then")
    func optionalFiles() throws {
        try self.folder.remove("preprocessor_config.json")
        let model = try ModelFolder(path: self.folder.path + "/")
        #expect(model.preprocessorData == nil)
        #expect(model.defaults == GerundDefaults())
        #expect(model.name == self.folder.path.split(separator: "/").last.map(String.init))
        #expect(model.configurationPath == self.folder.path("config.json"))
    }

    @Test("may keep the picture settings in processor_config.json")
    func processorConfiguration() throws {
        try self.folder.write(#"{"image_processor": {}}"#, to: "processor_config.json")
        #expect(try self.open().preprocessorPath == self.folder.path("preprocessor_config.json"))
        try self.folder.remove("preprocessor_config.json")
        #expect(try self.open().preprocessorPath == self.folder.path("processor_config.json"))
    }

    @Test("that is missing, a file, or has no config.json is refused")
    func noFolder() throws {
        func code(_ path: String) -> CheckpointError.Code? {
            #expect(throws: CheckpointError.self) { try ModelFolder(path: path) }?.code
        }
        #expect(code(self.folder.path("nothing")) == .notFound)
        #expect(code(self.folder.path("config.json")) == .wrongKind)
        #expect(code("") == .notFound)
        try self.folder.remove("config.json")
        self.expectRefused(.notFound, nil, "no config.json")
    }

    @Test("without weights that can be read says what to do")
    func noWeights() throws {
        try self.folder.remove("model.safetensors")
        self.expectRefused(.notFound, nil, "no model.safetensors")
        try self.folder.write([0x80, 2], to: "pytorch_model.bin")
        self.expectRefused(.unsupported, nil, "convert")
        try self.folder.write("{}", to: "model.safetensors.index.json")
        self.expectRefused(.unsupported, nil, "several files")
        try self.folder.write([1, 2, 3], to: "model.safetensors")
        self.expectRefused(.malformed, "model.safetensors", "no safetensors file")
    }

    @Test(
        "with a broken JSON file is refused with line and column",
        arguments: [
            "config.json", "preprocessor_config.json", "vocab.json", "gerund.json", "tokenizer_config.json",
        ])
    func brokenJSON(name: String) throws {
        try self.folder.write("{\n  \"a\": }", to: name)
        self.expectRefused(.malformed, name, "broken JSON: line 2, column 8")
        try self.folder.write("[1]", to: name)
        self.expectRefused(.malformed, name, "an object was expected")
        try self.folder.write([0x7B, 0xFF, 0x7D], to: name)
        self.expectRefused(.malformed, name, "not UTF-8")
        try self.folder.write("", to: name)
        self.expectRefused(.malformed, name, "broken JSON")
        try? self.folder.remove(name)
        try FileManager.default.createDirectory(atPath: self.folder.path(name), withIntermediateDirectories: true)
        self.expectRefused(.wrongKind, name, "folder")
    }

    @Test("with a text file too large to be one is refused before it is read")
    func tooLarge() throws {
        let handle = try #require(FileHandle(forWritingAtPath: self.folder.path("config.json")))
        try handle.truncate(atOffset: UInt64(FolderReader.fileLimit) + 1)
        self.expectRefused(.tooLarge, "config.json", "limit")
    }

    // MARK: Tokenizer

    @Test("may have the tokenizer in tokenizer.json", arguments: [#""a a</w>""#, #"["a", "a</w>"]"#])
    func combinedTokenizer(merge: String) throws {
        let json = #"""
            {"added_tokens": [{"id": 3, "content": "<|endoftext|>"}, {"id": 9, "content": "a"}],
             "model": {"type": "BPE", "end_of_word_suffix": "</w>", "vocab": {"a": 0, "a</w>": 1, "aa</w>": 2},
                       "merges": [\#(merge)]}}
            """#
        try self.folder.write(json, to: "tokenizer.json")
        #expect(try self.open().tokenizer.path == self.folder.path("vocab.json"))
        try self.folder.remove("vocab.json")
        let tokenizer = try self.open().tokenizer
        #expect(tokenizer.vocabulary == ["a": 0, "a</w>": 1, "aa</w>": 2, "<|endoftext|>": 3])
        #expect(tokenizer.merges == ["a a</w>"])
    }

    @Test("without a whole tokenizer says what is missing")
    func noTokenizer() throws {
        try self.folder.remove("merges.txt")
        self.expectRefused(.notFound, nil, "no merges.txt")
        try self.folder.write(#"{"model": {"type": "WordPiece"}}"#, to: "tokenizer.json")
        self.expectRefused(.unsupported, "tokenizer.json", "WordPiece")
        for json in [
            "{}", #"{"model": {}}"#, #"{"model": {"vocab": {"a": 0.5}, "merges": []}}"#,
            #"{"model": {"vocab": {}, "merges": [1]}}"#, #"{"model": {"vocab": {}, "merges": [["a"]]}}"#,
        ] {
            try self.folder.write(json, to: "tokenizer.json")
            self.expectRefused(.invalidValue, "tokenizer.json", "not ")
        }
        try self.folder.remove("tokenizer.json")
        try self.folder.remove("vocab.json")
        self.expectRefused(.notFound, nil, "no tokenizer")
        try self.folder.write("", to: "merges.txt")
        self.expectRefused(.notFound, nil, "no vocab.json")
    }

    @Test("gives special tokens and length, of tokenizer_config.json first")
    func tokenizerSettings() throws {
        try self.folder.write(
            #"{"bos_token": "<s>", "pad_token": {"content": "<p>", "lstrip": false}}"#, to: "special_tokens_map.json")
        try self.folder.write(
            #"{"bos_token": {"content": "<b>"}, "eos_token": "<e>", "unk_token": null, "model_max_length": 77}"#,
            to: "tokenizer_config.json")
        let tokenizer = try self.open().tokenizer
        #expect(tokenizer.startToken == "<b>" && tokenizer.endToken == "<e>" && tokenizer.unknownToken == nil)
        #expect(tokenizer.paddingToken == "<p>" && tokenizer.maximumLength == 77)
        let unlimited = #"{"model_max_length": 1000000000000000019884624838656}"#
        try self.folder.write(unlimited, to: "tokenizer_config.json")
        #expect(try self.open().tokenizer.maximumLength == nil)
    }

    @Test("reads merges with any line ends, '#' symbols included")
    func mergeLines() throws {
        try self.folder.write("#version: 0.2\r\n# #\r\n\r\na a</w>", to: "merges.txt")
        #expect(try self.open().tokenizer.merges == ["# #", "a a</w>"])
        try self.folder.write([0xC3, 0x28], to: "merges.txt")
        self.expectRefused(.malformed, "merges.txt", "not UTF-8")
    }

    // MARK: gerund.json

    @Test("takes every setting of gerund.json")
    func settings() throws {
        try self.folder.write(
            #"""
            {"name": "d", "labels": ["a", "b"], "background": ["c"], "span": 2.5, "rate": 4, "enter": 0.6,
             "exit": 0.4, "smoothing": 0, "min_duration": 1, "merge_gap": 0.25}
            """#, to: "gerund.json")
        var expected = GerundDefaults()
        expected.name = "d"
        expected.labels = ["a", "b"]
        expected.background = ["c"]
        (expected.span, expected.rate) = (.milliseconds(2500), 4)
        (expected.enter, expected.exit) = (0.6, 0.4)
        (expected.smoothing, expected.minimumDuration, expected.mergeGap) = (.zero, .seconds(1), .milliseconds(250))
        #expect(try self.open().defaults == expected)
    }

    @Test(
        "refuses a setting of gerund.json that it can't follow",
        arguments: [
            (#"{"spam": 2}"#, "did you mean 'span'?"), (#"{"minDuration": 2}"#, "did you mean 'min_duration'?"),
            (#"{"lables": []}"#, "did you mean 'labels'?"), (#"{"x": 1}"#, "known are name, labels,"),
            (#"{"a\nb": 1}"#, "unknown key"), (#"{"span": 0}"#, "above 0 and at most 3600, found 0"),
            (#"{"span": "2"}"#, "found \"2\""), (#"{"span": 1e9}"#, "at most 3600"), (#"{"span": null}"#, "found null"),
            (#"{"rate": -1}"#, "found -1"), (#"{"enter": 1.5}"#, "from 0 to 1, found 1.5"),
            (#"{"enter": 0.3, "exit": 0.4}"#, "'exit' (0.4) must not be above 'enter' (0.3)"),
            (#"{"smoothing": -0.1}"#, "from 0 to 3600"), (#"{"labels": "a"}"#, "a list of texts, found \"a\""),
            (#"{"labels": [1]}"#, "has to hold text, found 1"), (#"{"labels": ["a", "a"]}"#, "'a' twice"),
            (#"{"labels": ["  "]}"#, "empty text"), (#"{"name": ["a"]}"#, "found a list of 1"),
            (#"{"background": ["a\nb"]}"#, "line break"),
        ])
    func badSettings(json: String, message: String) throws {
        try self.folder.write(json, to: "gerund.json")
        self.expectRefused(.invalidValue, "gerund.json", message)
    }
}
