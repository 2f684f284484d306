public import FoundationEssentials
import GerundTensor

extension Configuration {
    /// Reads a checkpoint's `config.json`; absent keys take the defaults of Hugging Face transformers.
    ///
    /// - Throws: ``ConfigurationError`` with the key at fault, also for text that is no JSON.
    public init(json: Data) throws(ConfigurationError) {
        let root = try ConfigurationReader(json: json)
        try root.requireModelType("xclip")
        let projectionSize = try root.integer("projection_dim", default: 512, in: 1...16384)
        self.init(
            text: try Text(root.section("text_config")),
            vision: try Vision(root.section("vision_config"), projectionSize: projectionSize),
            prompts: Prompts(
                layerCount: try root.integer("prompt_layers", default: 2, in: 0...64),
                headCount: try root.integer(
                    "prompt_num_attention_heads", default: 8, dividing: projectionSize, named: "projection_dim"),
                activation: try root.activation("prompt_hidden_act")),
            projectionSize: projectionSize)
        // Each size alone was checked; together they must still be a model and not a typing error.
        guard self.parameterCount < 1 << 30 else {
            throw root.error(nil, expected: "a model of less than 2^30 weights", found: "\(self.parameterCount)")
        }
        guard self.windowElementCount < 1 << 28 else {
            throw root.error(
                nil, expected: "frames, patches and widths that need less than 2^28 numbers a window",
                found: "\(self.windowElementCount)")
        }
    }
}

extension Configuration.Text {
    fileprivate init(_ section: ConfigurationReader) throws(ConfigurationError) {
        self.init(
            vocabularySize: try section.integer("vocab_size", default: 49408, in: 1...4_194_304),
            positionCount: try section.integer("max_position_embeddings", default: 77, in: 1...4096),
            encoder: try Configuration.Encoder(section, prefix: "", hidden: 512, inner: 2048, layers: 12, heads: 8))
    }
}

extension Configuration.Vision {
    fileprivate init(_ section: ConfigurationReader, projectionSize: Int) throws(ConfigurationError) {
        let channels = try section.integer("num_channels", default: 3, in: 1...64)
        guard channels == 3 else { throw section.error("num_channels", expected: "3", found: "\(channels)") }
        let integration = try Configuration.Encoder(
            section, prefix: "mit_", hidden: 512, inner: 2048, layers: 1, heads: 8)
        guard integration.hiddenSize == projectionSize else {
            throw section.error(
                "mit_hidden_size", expected: "projection_dim, \(projectionSize)", found: "\(integration.hiddenSize)")
        }
        let imageSize = try section.integer("image_size", default: 224, in: 1...4096)
        self.init(
            imageSize: imageSize,
            patchSize: try section.integer("patch_size", default: 32, dividing: imageSize, named: "image_size"),
            frameCount: try section.integer("num_frames", default: 8, in: 1...256),
            encoder: try Configuration.Encoder(section, prefix: "", hidden: 768, inner: 3072, layers: 12, heads: 12),
            integration: integration)
        guard self.patchCount <= 4096 else {
            throw section.error("patch_size", expected: "at most 4096 patches a frame", found: "\(self.patchCount)")
        }
    }
}

extension Configuration.Encoder {
    /// - Parameters:
    ///   - prefix: Before the keys of the sizes; the activation and the epsilon are shared by both encoders of a
    ///     section and have none.
    fileprivate init(
        _ section: ConfigurationReader, prefix: String, hidden: Int, inner: Int, layers: Int, heads: Int
    ) throws(ConfigurationError) {
        let hiddenSize = try section.integer(prefix + "hidden_size", default: hidden, in: 1...16384)
        self.init(
            hiddenSize: hiddenSize,
            intermediateSize: try section.integer(prefix + "intermediate_size", default: inner, in: 1...65536),
            layerCount: try section.integer(prefix + "num_hidden_layers", default: layers, in: 1...256),
            headCount: try section.integer(
                prefix + "num_attention_heads", default: heads, dividing: hiddenSize, named: prefix + "hidden_size"),
            activation: try section.activation("hidden_act"),
            layerNormEpsilon: Float(try section.number("layer_norm_eps", default: 1e-5, in: 1e-12...0.1)))
    }
}
