public import GerundCore
import GerundTensor

extension XCLIPConfiguration {
    /// Reads a checkpoint's `config.json`; absent keys take the defaults of Hugging Face transformers.
    ///
    /// - Parameter json: The file's top-level object.
    /// - Throws: ``XCLIPConfigurationError`` for the first key whose value is not that of an X-CLIP model.
    public init(json: JSONObject) throws(XCLIPConfigurationError) {
        let root = JSONReader(json)
        do throws(JSONValueError) {
            guard try root.string("model_type") == "xclip" else {
                throw root.invalidValue("model_type", expected: "\"xclip\"")
            }
        } catch {
            throw XCLIPConfigurationError(.unsupportedModelType, error)
        }
        do {
            try self.init(root)
        } catch {
            throw XCLIPConfigurationError(.invalidValue, error)
        }
    }

    private init(_ root: JSONReader) throws(JSONValueError) {
        let projectionSize = try root.integer("projection_dim", in: 1...16384) ?? 512
        self.init(
            text: try Text(root.section("text_config")),
            vision: try Vision(root.section("vision_config"), projectionSize: projectionSize),
            prompts: Prompts(
                layerCount: try root.integer("prompt_layers", in: 0...64) ?? 2,
                headCount: try root.integer(
                    "prompt_num_attention_heads", default: 8, dividing: projectionSize, named: "projection_dim"),
                activation: try root.activation("prompt_hidden_act")),
            projectionSize: projectionSize)
        // Values that are plausible one by one can still add up to a model that no machine could load.
        guard self.parameterCount < 1 << 30 else {
            throw root.invalidValue(
                nil, expected: "a model of fewer than 2^30 parameters", found: "\(self.parameterCount)")
        }
        guard self.windowElementCount < 1 << 28 else {
            throw root.invalidValue(
                nil, expected: "frames, patches and widths that need fewer than 2^28 values per window",
                found: "\(self.windowElementCount)")
        }
    }
}

extension XCLIPConfiguration.Text {
    fileprivate init(_ section: JSONReader) throws(JSONValueError) {
        self.init(
            vocabularySize: try section.integer("vocab_size", in: 1...4_194_304) ?? 49408,
            positionCount: try section.integer("max_position_embeddings", in: 1...4096) ?? 77,
            encoder: try XCLIPConfiguration.Encoder(
                section, prefix: "", hidden: 512, inner: 2048, layers: 12, heads: 8))
    }
}

extension XCLIPConfiguration.Vision {
    fileprivate init(_ section: JSONReader, projectionSize: Int) throws(JSONValueError) {
        let channels = try section.integer("num_channels", in: 1...64) ?? 3
        guard channels == 3 else { throw section.invalidValue("num_channels", expected: "3") }
        let mit = try XCLIPConfiguration.Encoder(
            section, prefix: "mit_", hidden: 512, inner: 2048, layers: 1, heads: 8)
        guard mit.hiddenSize == projectionSize else {
            throw section.invalidValue(
                "mit_hidden_size", expected: "projection_dim, \(projectionSize)", found: "\(mit.hiddenSize)")
        }
        let imageSize = try section.integer("image_size", in: 1...4096) ?? 224
        self.init(
            imageSize: imageSize,
            patchSize: try section.integer("patch_size", default: 32, dividing: imageSize, named: "image_size"),
            frameCount: try section.integer("num_frames", in: 1...256) ?? 8,
            encoder: try XCLIPConfiguration.Encoder(
                section, prefix: "", hidden: 768, inner: 3072, layers: 12, heads: 12),
            mit: mit)
        guard self.patchCount <= 4096 else {
            throw section.invalidValue(
                "patch_size", expected: "large enough for at most 4096 patches per frame",
                found: "\(self.patchSize), which makes \(self.patchCount)")
        }
    }
}

extension XCLIPConfiguration.Encoder {
    /// Reads the sizes of one stack of layers.
    ///
    /// - Parameters:
    ///   - section: The section that describes the stack.
    ///   - prefix: The prefix of the keys of the sizes. The activation and the epsilon are shared by both encoders of a
    ///     section and have none.
    ///   - hidden: The default of `hidden_size`.
    ///   - inner: The default of `intermediate_size`.
    ///   - layers: The default of `num_hidden_layers`.
    ///   - heads: The default of `num_attention_heads`.
    /// - Throws: `JSONValueError` for the first invalid value.
    fileprivate init(
        _ section: JSONReader, prefix: String, hidden: Int, inner: Int, layers: Int, heads: Int
    ) throws(JSONValueError) {
        let hiddenSize = try section.integer(prefix + "hidden_size", in: 1...16384) ?? hidden
        self.init(
            hiddenSize: hiddenSize,
            intermediateSize: try section.integer(prefix + "intermediate_size", in: 1...65536) ?? inner,
            layerCount: try section.integer(prefix + "num_hidden_layers", in: 1...256) ?? layers,
            headCount: try section.integer(
                prefix + "num_attention_heads", default: heads, dividing: hiddenSize, named: prefix + "hidden_size"),
            activation: try section.activation("hidden_act"),
            layerNormEpsilon: Float(try section.number("layer_norm_eps", in: 1e-12...0.1) ?? 1e-5))
    }
}

extension JSONReader {
    /// Returns a reader of a section, empty (so that all defaults apply) if the section is absent or null.
    ///
    /// Older files repeat a section under `KEY_dict`, which takes precedence, as in transformers.
    fileprivate func section(_ key: String) throws(JSONValueError) -> JSONReader {
        for name in [key + "_dict", key] where ![nil, .null].contains(self.value(name)) {
            if let section = try self.object(name) { return section }
        }
        return JSONReader(path: self.path(of: key))
    }

    /// Returns the value of an integer that must divide another size.
    fileprivate func integer(
        _ key: String, default defaultValue: Int, dividing size: Int, named name: String
    ) throws(JSONValueError) -> Int {
        let value = try self.integer(key, in: 1...16384) ?? defaultValue
        guard size % value == 0 else {
            throw self.invalidValue(key, expected: "a divisor of \(name), \(size)", found: "\(value)")
        }
        return value
    }

    /// Returns the activation function of that name; `quick_gelu` if the key is absent.
    fileprivate func activation(_ key: String) throws(JSONValueError) -> Activation {
        let expected = Activation.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
        guard let value = self.value(key) else { return .quickGELU }
        guard let activation = value.string.flatMap(Activation.init(rawValue:)) else {
            throw self.invalidValue(key, expected: expected)
        }
        return activation
    }
}
