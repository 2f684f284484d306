import Foundation
import GerundCheckpoint
import GerundTensor
import GerundTesting
import Testing
import XCLIP

@Suite("Configuration")
struct ConfigurationTests {
    static func parse(_ json: String) throws(ConfigurationError) -> Configuration {
        try Configuration(json: Data(json.utf8))
    }

    @Test("Absent keys take the defaults of transformers, which are those of xclip-base-patch32")
    func defaults() throws {
        #expect(try Self.parse(#"{"model_type": "xclip"}"#) == .basePatch32)
        #expect(
            try Self.parse(#"{"model_type": "xclip", "text_config": null, "vision_config": {}}"#) == .basePatch32)
    }

    @Test("Every size comes from the file")
    func sizes() throws {
        let other = try Fixture("other").configuration()
        #expect(other.text.vocabularySize == 40 && other.text.positionCount == 9)
        #expect(other.text.encoder.hiddenSize == 28 && other.text.encoder.intermediateSize == 36)
        #expect(other.text.encoder.layerCount == 3 && other.text.encoder.headCount == 7)
        #expect(other.text.encoder.activation == .gelu && other.text.encoder.layerNormEpsilon == 1e-6)
        #expect(other.vision.imageSize == 24 && other.vision.patchSize == 8 && other.vision.frameCount == 16)
        #expect(other.vision.patchCount == 9 && other.vision.tokenCount == 10)
        #expect(other.vision.encoder.hiddenSize == 24 && other.vision.encoder.headCount == 3)
        #expect(other.vision.integration.hiddenSize == 16 && other.vision.integration.layerCount == 2)
        #expect(other.vision.integration.layerNormEpsilon == 1e-4 && other.vision.integration.activation == .gelu)
        #expect(other.projectionSize == 16 && other.prompts.layerCount == 3 && other.prompts.headCount == 4)
        #expect(other.prompts.activation == .gelu)
    }

    @Test("The older form of a section wins over the newer, as in transformers")
    func olderSections() throws {
        let configuration = try Self.parse(
            #"{"model_type": "xclip", "text_config": {"vocab_size": 7}, "text_config_dict": {"vocab_size": 9}}"#)
        #expect(configuration.text.vocabularySize == 9)
    }

    @Test("A number may be written with a decimal point")
    func decimalPoint() throws {
        #expect(try Self.parse(#"{"model_type": "xclip", "prompt_layers": 3.0}"#).prompts.layerCount == 3)
    }

    @Test("The weights are counted right for every size", arguments: ["tiny", "other"])
    func parameterCount(name: String) throws {
        let file = try Fixture(name).weights()
        let counted = file.names.reduce(0) { $0 + (file.shape($1) ?? []).reduce(1, *) }
        #expect(try Fixture(name).configuration().parameterCount == counted)
    }

    /// A key with a bad value, and what is said of it.
    struct Bad: Sendable {
        let json, key, expected, found: String

        static let all = [
            Bad(
                json: #""vision_config": {"hidden_size": 770}"#, key: "vision_config.num_attention_heads",
                expected: "a divisor of hidden_size, 770", found: "12"),
            Bad(
                json: #""vision_config": {"patch_size": 30}"#, key: "vision_config.patch_size",
                expected: "a divisor of image_size, 224", found: "30"),
            Bad(
                json: #""vision_config": {"patch_size": 2, "image_size": 256}"#, key: "vision_config.patch_size",
                expected: "at most 4096 patches a frame", found: "16384"),
            Bad(
                json: #""vision_config": {"image_size": [224, 224]}"#, key: "vision_config.image_size",
                expected: "a whole number from 1 to 4096", found: "a list"),
            Bad(
                json: #""vision_config": {"hidden_size": 0}"#, key: "vision_config.hidden_size",
                expected: "a whole number from 1 to 16384", found: "0"),
            Bad(
                json: #""vision_config": {"num_channels": 4}"#, key: "vision_config.num_channels",
                expected: "3", found: "4"),
            Bad(
                json: #""vision_config": {"mit_hidden_size": 256}"#, key: "vision_config.mit_hidden_size",
                expected: "projection_dim, 512", found: "256"),
            Bad(
                json: #""vision_config": {"hidden_act": "relu"}"#, key: "vision_config.hidden_act",
                expected: #""quick_gelu" or "gelu""#, found: #""relu""#),
            Bad(json: #""vision_config": 5"#, key: "vision_config", expected: "an object", found: "5"),
            Bad(
                json: #""text_config": {"layer_norm_eps": 0}"#, key: "text_config.layer_norm_eps",
                expected: "a number from 1e-12 to 0.1", found: "0"),
            Bad(
                json: #""text_config": {"vocab_size": "many"}"#, key: "text_config.vocab_size",
                expected: "a whole number from 1 to 4194304", found: #"the text "many""#),
            Bad(
                json: #""prompt_num_attention_heads": 7"#, key: "prompt_num_attention_heads",
                expected: "a divisor of projection_dim, 512", found: "7"),
            Bad(
                json: #""prompt_hidden_act": null"#, key: "prompt_hidden_act",
                expected: #""quick_gelu" or "gelu""#, found: "null"),
        ]
    }

    @Test("What no model can have is refused with the key and what was expected", arguments: Bad.all)
    func refused(bad: Bad) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Self.parse(#"{"model_type": "xclip", \#(bad.json)}"#)
        }
        #expect(error.code == .badValue)
        #expect(error.description == "'\(bad.key)': expected \(bad.expected), found \(bad.found)")
    }

    @Test("A number of frames is a whole number of frames", arguments: ["-8", "1e300", "8.5", "true", "\"8\"", "257"])
    func frameCount(value: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Self.parse(#"{"model_type": "xclip", "vision_config": {"num_frames": \#(value)}}"#)
        }
        #expect(error.key == "vision_config.num_frames" && error.expected == "a whole number from 1 to 256")
    }

    @Test("Sizes that are possible one by one are refused together")
    func tooManyWeights() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Self.parse(
                #"{"model_type": "xclip", "text_config": {"hidden_size": 16384, "num_hidden_layers": 256}}"#)
        }
        #expect(error.description.hasPrefix("the sizes together: expected a model of less than 2^30 weights, found"))
        let window = try #require(throws: ConfigurationError.self) {
            try Self.parse(#"{"model_type": "xclip", "vision_config": {"num_frames": 256, "patch_size": 4}}"#)
        }
        #expect(window.description.hasPrefix("the sizes together: expected frames, patches and widths"))
    }

    @Test("Ids that no text of the model can have are told apart")
    func accepts() throws {
        let text = try Fixture("tiny").configuration().text  // 64 ids, 12 positions
        #expect(text.accepts([62, 3, 63]) && text.accepts([0]))
        #expect(text.accepts(Array(repeating: 5, count: 11) + [63]))
        #expect(text.accepts([62, 63] + Array(repeating: 0, count: 40)))
        #expect(!text.accepts([]) && !text.accepts([62, 64]) && !text.accepts([-1, 63]))
        #expect(!text.accepts(Array(repeating: 5, count: 12) + [63]))
    }

    @Test("A model of another kind is refused by name")
    func otherModel() throws {
        let error = try #require(throws: ConfigurationError.self) { try Self.parse(#"{"model_type": "clip"}"#) }
        #expect(error.code == .otherModel)
        #expect(error.description == #"this is no X-CLIP model: 'model_type': expected "xclip", found "clip""#)
        #expect(throws: ConfigurationError.self) { try Self.parse("{}") }
    }

    @Test("What is no JSON object is refused", arguments: ["", "{", "[]", "5", "\u{0}\u{1}", "{\"a\": }", "nonsense"])
    func notJSON(text: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try Self.parse(text) }
        #expect(error.code == .notJSON || error.code == .otherModel, "\(error)")
    }

    @Test("Damaged files are refused without a crash", arguments: 0..<200)
    func damaged(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var bytes = Array(try Data(contentsOf: Fixture("tiny").folder.appending(path: "config.json")))
        for _ in 0..<3 {
            let position = Int.random(in: 0..<bytes.count, using: &random)
            bytes[position] = UInt8.random(in: 32...126, using: &random)
        }
        do {
            _ = try Configuration(json: Data(bytes))
        } catch {
            #expect(!error.description.isEmpty)
        }
    }
}
