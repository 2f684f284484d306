public import GerundTensor

/// The sizes of an X-CLIP model, as its `config.json` defines them (HF: `XCLIPConfig`).
///
/// Values of this type are consistent: sizes are positive, fit together and are within sane limits.
public struct XCLIPConfiguration: Hashable, Sendable {
    /// The sizes of the text encoder (HF: `XCLIPTextConfig`).
    public struct Text: Hashable, Sendable {
        /// The number of tokens; token ids are below it (HF: `vocab_size`).
        public let vocabularySize: Int
        /// The maximum length of a text, in tokens (HF: `max_position_embeddings`).
        public let positionCount: Int
        /// The sizes of the transformer layers.
        public let encoder: Encoder
    }

    /// The sizes of the vision encoder (HF: `XCLIPVisionConfig`).
    public struct Vision: Hashable, Sendable {
        /// The width and height of an image, in pixels (HF: `image_size`).
        public let imageSize: Int
        /// The width and height of a patch, in pixels; divides ``imageSize`` (HF: `patch_size`).
        public let patchSize: Int
        /// The number of frames per window (HF: `num_frames`).
        public let frameCount: Int
        /// The sizes of the cross-frame communication transformer.
        public let encoder: Encoder
        /// The sizes of the multi-frame integration transformer, whose width is ``projectionSize`` (HF:
        /// `mit_hidden_size` and so on).
        public let mit: Encoder

        /// The number of patches per frame (N).
        public var patchCount: Int {
            let across = self.imageSize / self.patchSize
            return across * across
        }

        /// The number of tokens per frame: the class token and the patches (P = N + 1).
        public var tokenCount: Int { self.patchCount + 1 }
    }

    /// The sizes of one stack of transformer layers.
    public struct Encoder: Hashable, Sendable {
        /// The width of a token; a multiple of ``headCount`` (HF: `hidden_size`).
        public let hiddenSize: Int
        /// The width between the two layers of the MLP (HF: `intermediate_size`).
        public let intermediateSize: Int
        /// The number of layers (HF: `num_hidden_layers`).
        public let layerCount: Int
        /// The number of attention heads (HF: `num_attention_heads`).
        public let headCount: Int
        /// The activation function of the MLP (HF: `hidden_act`).
        public let activation: Activation
        /// The value added to the variance in layer norms (HF: `layer_norm_eps`).
        public let layerNormEpsilon: Float
    }

    /// The sizes of the generator of video-specific prompts (HF: `XCLIPPromptGenerator`).
    public struct Prompts: Hashable, Sendable {
        /// The number of decoder layers; 0 disables the prompts (HF: `prompt_layers`).
        public let layerCount: Int
        /// The number of attention heads (HF: `prompt_num_attention_heads`).
        public let headCount: Int
        /// The activation function of the MLP (HF: `prompt_hidden_act`).
        public let activation: Activation
    }

    /// The sizes of the text encoder.
    public let text: Text
    /// The sizes of the vision encoder.
    public let vision: Vision
    /// The sizes of the prompt generator.
    public let prompts: Prompts
    /// The width of the joint embedding space, in which texts and videos are compared (HF: `projection_dim`).
    public let projectionSize: Int

    /// Creates a configuration from sizes that fit together.
    ///
    /// - Parameters:
    ///   - text: The sizes of the text encoder.
    ///   - vision: The sizes of the vision encoder.
    ///   - prompts: The sizes of the prompt generator.
    ///   - projectionSize: The width of the joint embedding space.
    package init(text: Text, vision: Vision, prompts: Prompts, projectionSize: Int) {
        self.text = text
        self.vision = vision
        self.prompts = prompts
        self.projectionSize = projectionSize
    }

    /// The configuration of `microsoft/xclip-base-patch32`: 8 frames of 224x224 pixels, 197 million parameters.
    public static let basePatch32 = XCLIPConfiguration(
        text: Text(
            vocabularySize: 49408, positionCount: 77,
            encoder: Encoder(
                hiddenSize: 512, intermediateSize: 2048, layerCount: 12, headCount: 8, activation: .quickGELU,
                layerNormEpsilon: 1e-5)),
        vision: Vision(
            imageSize: 224, patchSize: 32, frameCount: 8,
            encoder: Encoder(
                hiddenSize: 768, intermediateSize: 3072, layerCount: 12, headCount: 12, activation: .quickGELU,
                layerNormEpsilon: 1e-5),
            mit: Encoder(
                hiddenSize: 512, intermediateSize: 2048, layerCount: 1, headCount: 8, activation: .quickGELU,
                layerNormEpsilon: 1e-5)),
        prompts: Prompts(layerCount: 2, headCount: 8, activation: .quickGELU),
        projectionSize: 512)

    /// The number of parameters of the model.
    public var parameterCount: Int {
        let (text, vision, size) = (self.text, self.vision, self.projectionSize)
        let width = vision.encoder.hiddenSize
        let embeddings =
            (text.vocabularySize + text.positionCount) * text.encoder.hiddenSize
            + (3 * vision.patchSize * vision.patchSize + vision.tokenCount + 1) * width
            + vision.frameCount * size
        let message = 2 * width + 5 * (width * width + width)
        let promptLayer = 12 * size * size + 10 * size
        let projections = (text.encoder.hiddenSize + 2 * width) * size
        let norms = 2 * text.encoder.hiddenSize + 6 * width + 2 * size
        return embeddings + text.encoder.parameterCount + vision.encoder.parameterCount
            + vision.encoder.layerCount * message + vision.mit.parameterCount
            + self.prompts.layerCount * promptLayer + projections + norms + size + 1
    }

    /// The number of elements of the largest matrix that a window needs.
    var windowElementCount: Int {
        let encoder = self.vision.encoder
        return self.vision.frameCount * (self.vision.tokenCount + 1)
            * max(encoder.intermediateSize, 2 * encoder.hiddenSize)
    }
}

extension XCLIPConfiguration.Text {
    /// Returns a Boolean value that indicates whether the text encoder can process a text.
    ///
    /// It can if there is at least one id, every id is in the vocabulary, and there are no more ids up to the
    /// end-of-text token than positions. A tokenizer that belongs to another model can produce other ids.
    ///
    /// - Parameter tokenIDs: The token ids of one text.
    /// - Returns: `true` if the text encoder can process them.
    public func accepts(_ tokenIDs: [Int32]) -> Bool {
        !tokenIDs.isEmpty && tokenIDs.allSatisfy { $0 >= 0 && Int($0) < self.vocabularySize }
            && IncrementalTextEncoder.eosPosition(in: tokenIDs) < self.positionCount
    }
}

extension XCLIPConfiguration.Encoder {
    /// The number of parameters of all layers: attention, MLP and two layer norms each.
    fileprivate var parameterCount: Int {
        let (width, inner) = (self.hiddenSize, self.intermediateSize)
        return self.layerCount * (4 * (width * width + width) + 2 * width * inner + inner + width + 4 * width)
    }
}
