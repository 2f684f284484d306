import Foundation
import GerundCheckpoint
import GerundCore
import GerundTensor
import Testing
import XCLIP

@Suite("XCLIPConfiguration")
struct XCLIPConfigurationTests {
    static func parse(_ json: String) throws -> XCLIPConfiguration {
        try XCLIPConfiguration(json: jsonObject(json))
    }

    /// The error for a text that is valid JSON.
    static func error(
        _ json: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> XCLIPConfigurationError {
        try #require(throws: XCLIPConfigurationError.self, sourceLocation: sourceLocation) { try self.parse(json) }
    }

    @Test("Uses the defaults of transformers, which are those of xclip-base-patch32, for absent keys")
    func defaults() throws {
        #expect(try Self.parse(#"{"model_type": "xclip"}"#) == .basePatch32)
        #expect(
            try Self.parse(#"{"model_type": "xclip", "text_config": null, "vision_config": {}}"#) == .basePatch32)
    }

    @Test("Reads every size from the file")
    func sizes() throws {
        let other = try Fixture("other").configuration()
        #expect(other.text.vocabularySize == 40 && other.text.positionCount == 9)
        #expect(other.text.encoder.hiddenSize == 28 && other.text.encoder.intermediateSize == 36)
        #expect(other.text.encoder.layerCount == 3 && other.text.encoder.headCount == 7)
        #expect(other.text.encoder.activation == .gelu && other.text.encoder.layerNormEpsilon == 1e-6)
        #expect(other.vision.imageSize == 24 && other.vision.patchSize == 8 && other.vision.frameCount == 16)
        #expect(other.vision.patchCount == 9 && other.vision.tokenCount == 10)
        #expect(other.vision.encoder.hiddenSize == 24 && other.vision.encoder.headCount == 3)
        #expect(other.vision.mit.hiddenSize == 16 && other.vision.mit.layerCount == 2)
        #expect(other.vision.mit.layerNormEpsilon == 1e-4 && other.vision.mit.activation == .gelu)
        #expect(other.projectionSize == 16 && other.prompts.layerCount == 3 && other.prompts.headCount == 4)
        #expect(other.prompts.activation == .gelu)
    }

    @Test("Prefers the older form of a section to the newer, as transformers does")
    func olderSections() throws {
        let configuration = try Self.parse(
            #"{"model_type": "xclip", "text_config": {"vocab_size": 7}, "text_config_dict": {"vocab_size": 9}}"#)
        #expect(configuration.text.vocabularySize == 9)
    }

    @Test("Accepts an integer that is written with a decimal point")
    func decimalPoint() throws {
        #expect(try Self.parse(#"{"model_type": "xclip", "prompt_layers": 3.0}"#).prompts.layerCount == 3)
    }

    @Test("Counts the parameters of models of every size", arguments: ["tiny", "other"])
    func parameterCount(name: String) throws {
        let file = try Fixture(name).weights()
        let counted = file.names.reduce(0) { $0 + (file.shape($1) ?? []).reduce(1, *) }
        #expect(try Fixture(name).configuration().parameterCount == counted)
    }

    @Test("Counts the parameters of the published model")
    func parameterCountOfPublishedModel() {
        #expect(XCLIPConfiguration.basePatch32.parameterCount == 196_585_729)
    }

    /// An invalid value, and the error for it.
    struct Invalid: Sendable {
        let json, key, expected, found: String

        static let all = [
            Invalid(
                json: #""vision_config": {"hidden_size": 770}"#, key: "vision_config.num_attention_heads",
                expected: "a divisor of hidden_size, 770", found: "12"),
            Invalid(
                json: #""vision_config": {"patch_size": 30}"#, key: "vision_config.patch_size",
                expected: "a divisor of image_size, 224", found: "30"),
            Invalid(
                json: #""vision_config": {"patch_size": 2, "image_size": 256}"#, key: "vision_config.patch_size",
                expected: "large enough for at most 4096 patches per frame", found: "2, which makes 16384"),
            Invalid(
                json: #""vision_config": {"image_size": [224, 224]}"#, key: "vision_config.image_size",
                expected: "an integer from 1 to 4096", found: "an array of 2"),
            Invalid(
                json: #""vision_config": {"hidden_size": 0}"#, key: "vision_config.hidden_size",
                expected: "an integer from 1 to 16384", found: "0"),
            Invalid(
                json: #""vision_config": {"num_channels": 4}"#, key: "vision_config.num_channels",
                expected: "3", found: "4"),
            Invalid(
                json: #""vision_config": {"mit_hidden_size": 256}"#, key: "vision_config.mit_hidden_size",
                expected: "projection_dim, 512", found: "256"),
            Invalid(
                json: #""vision_config": {"hidden_act": "relu"}"#, key: "vision_config.hidden_act",
                expected: #""quick_gelu" or "gelu""#, found: #""relu""#),
            Invalid(json: #""vision_config": 5"#, key: "vision_config", expected: "an object", found: "5"),
            Invalid(
                json: #""text_config": {"layer_norm_eps": 0}"#, key: "text_config.layer_norm_eps",
                expected: "a number from 1e-12 to 0.1", found: "0"),
            Invalid(
                json: #""text_config": {"vocab_size": "many"}"#, key: "text_config.vocab_size",
                expected: "an integer from 1 to 4194304", found: #""many""#),
            Invalid(
                json: #""prompt_num_attention_heads": 7"#, key: "prompt_num_attention_heads",
                expected: "a divisor of projection_dim, 512", found: "7"),
            Invalid(
                json: #""prompt_hidden_act": null"#, key: "prompt_hidden_act",
                expected: #""quick_gelu" or "gelu""#, found: "null"),
        ]
    }

    @Test("Refuses a value that no model can have, with its key and the allowed values", arguments: Invalid.all)
    func invalidValues(invalid: Invalid) throws {
        let error = try Self.error(#"{"model_type": "xclip", \#(invalid.json)}"#)
        #expect(error.code == .invalidValue && error.key == invalid.key)
        #expect(error.expected == invalid.expected && error.found == invalid.found)
        #expect(error.summary == "'\(invalid.key)' must be \(invalid.expected), found \(invalid.found)")
        #expect(error.description == "invalidValue: \(error.summary)")
    }

    @Test("Accepts only integers as the number of frames", arguments: ["-8", "1e300", "8.5", "true", "\"8\"", "257"])
    func frameCount(value: String) throws {
        let error = try Self.error(#"{"model_type": "xclip", "vision_config": {"num_frames": \#(value)}}"#)
        #expect(error.key == "vision_config.num_frames" && error.expected == "an integer from 1 to 256")
    }

    @Test("Refuses sizes that are possible one by one but not together")
    func tooManyParameters() throws {
        let model = try Self.error(
            #"{"model_type": "xclip", "text_config": {"hidden_size": 16384, "num_hidden_layers": 256}}"#)
        #expect(model.code == .invalidValue && model.key == nil)
        #expect(model.summary.hasPrefix("expected a model of fewer than 2^30 parameters, found "))
        let window = try Self.error(#"{"model_type": "xclip", "vision_config": {"num_frames": 256, "patch_size": 4}}"#)
        #expect(window.key == nil && window.summary.hasPrefix("expected frames, patches and widths that need fewer"))
    }

    @Test("Accepts exactly the token ids that the text encoder can process")
    func accepts() throws {
        let text = try Fixture("tiny").configuration().text  // 64 ids, 12 positions
        #expect(text.accepts([62, 3, 63]) && text.accepts([0]))
        #expect(text.accepts(Array(repeating: 5, count: 11) + [63]))
        #expect(text.accepts([62, 63] + Array(repeating: 0, count: 40)))
        #expect(!text.accepts([]) && !text.accepts([62, 64]) && !text.accepts([-1, 63]))
        #expect(!text.accepts(Array(repeating: 5, count: 12) + [63]))
    }

    @Test(
        "Refuses a model of another type by name",
        arguments: [(#""clip""#, #"must be "xclip", found "clip""#), ("5", "must be a string, found 5")])
    func unsupportedModelType(value: String, message: String) throws {
        let error = try Self.error(#"{"model_type": \#(value), "vision_config": 5}"#)
        #expect(error.code == .unsupportedModelType)
        #expect(error.summary == "not an X-CLIP model: 'model_type' \(message)")
    }

    @Test("Refuses a file that doesn't name its model type")
    func noModelType() throws {
        let error = try Self.error("{}")
        #expect(error.code == .unsupportedModelType && error.key == "model_type" && error.found == "nothing")
    }

    /// 2000 files of which one to three numbers were replaced by others, mostly extreme ones.
    @Test("Yields a consistent configuration or an error in one line for any values")
    func anyValues() throws {
        let numbers = [
            "0", "1", "-1", "2", "3", "7", "8", "16", "24", "32", "512", "4096", "16384", "65536",
            "9223372036854775807",
            "-9223372036854775808", "1e300", "0.5", "1e-9", "null", "\"8\"", "[]", "{}", "true",
        ]
        let text = try String(
            contentsOf: Fixture("tiny").directory.appending(path: "config.json"), encoding: .utf8)
        let count = text.matches(of: /: \d+/).count
        var random = SplitMix64(seed: 12)
        var (accepted, refused) = (0, 0)
        for round in 0..<2000 {
            var changed = text
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let matches = changed.matches(of: /: [^,{}\n]+(?=,?\n)/)
                let match = matches[Int.random(in: 0..<matches.count, using: &random)]
                let number = numbers[Int.random(in: 0..<numbers.count, using: &random)]
                changed.replaceSubrange(match.range, with: ": \(number)")
            }
            do {
                let sizes = try Self.parse(changed)
                accepted += 1
                #expect(sizes.parameterCount < 1 << 30, "round \(round)")
                #expect(sizes.vision.imageSize % sizes.vision.patchSize == 0, "round \(round)")
                #expect(sizes.vision.mit.hiddenSize == sizes.projectionSize, "round \(round)")
                for encoder in [sizes.text.encoder, sizes.vision.encoder, sizes.vision.mit] {
                    #expect(encoder.hiddenSize % encoder.headCount == 0, "round \(round)")
                    #expect(encoder.layerCount > 0 && encoder.intermediateSize > 0, "round \(round)")
                }
            } catch let error as XCLIPConfigurationError {
                refused += 1
                #expect(!error.summary.isEmpty && !error.summary.contains("\n"), "round \(round)")
            }
        }
        #expect(count > 15 && accepted > 50 && refused > 1000, "\(accepted) accepted, \(refused) refused")
    }
}
