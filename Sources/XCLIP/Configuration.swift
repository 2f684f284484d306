public import GerundTensor

/// Every size of an X-CLIP model, as its `config.json` gives them (HF: `XCLIPConfig`).
///
/// A value of this type has been checked: sizes are positive, fit together and are small enough to be real.
public struct Configuration: Hashable, Sendable {
    /// The text encoder (HF: `XCLIPTextConfig`).
    public struct Text: Hashable, Sendable {
        /// The number of tokens: ids are below it.
        public let vocabularySize: Int
        /// The longest text, in tokens.
        public let positionCount: Int
        public let encoder: Encoder
    }

    /// The vision encoder (HF: `XCLIPVisionConfig`).
    public struct Vision: Hashable, Sendable {
        /// The edge of the square pictures, in pixels.
        public let imageSize: Int
        /// The edge of a patch, in pixels; divides ``imageSize``.
        public let patchSize: Int
        /// The frames of one window.
        public let frameCount: Int
        public let encoder: Encoder
        /// The multi-frame integration transformer on top of the frames.
        public let integration: Encoder

        /// The patches of one frame.
        public var patchCount: Int {
            let across = self.imageSize / self.patchSize
            return across * across
        }

        /// The rows of one frame: its patches and the class token.
        public var tokenCount: Int { self.patchCount + 1 }
    }

    /// One stack of transformer layers.
    public struct Encoder: Hashable, Sendable {
        /// The width of a row; a multiple of ``headCount``.
        public let hiddenSize: Int
        /// The width between the two layers of the MLP.
        public let intermediateSize: Int
        public let layerCount: Int
        public let headCount: Int
        public let activation: Activation
        public let layerNormEpsilon: Float
    }

    /// The video-specific prompts (HF: `XCLIPPromptGenerator`).
    public struct Prompts: Hashable, Sendable {
        public let layerCount: Int
        public let headCount: Int
        public let activation: Activation
    }

    public let text: Text
    public let vision: Vision
    public let prompts: Prompts
    /// The width of the space where text and video are compared.
    public let projectionSize: Int

    package init(text: Text, vision: Vision, prompts: Prompts, projectionSize: Int) {
        self.text = text
        self.vision = vision
        self.prompts = prompts
        self.projectionSize = projectionSize
    }

    /// The sizes of `microsoft/xclip-base-patch32`: 8 frames of 224x224, 197 million parameters.
    public static let basePatch32 = Configuration(
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
            integration: Encoder(
                hiddenSize: 512, intermediateSize: 2048, layerCount: 1, headCount: 8, activation: .quickGELU,
                layerNormEpsilon: 1e-5)),
        prompts: Prompts(layerCount: 2, headCount: 8, activation: .quickGELU),
        projectionSize: 512)

    /// The number of weights of a model of these sizes.
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
            + vision.encoder.layerCount * message + vision.integration.parameterCount
            + self.prompts.layerCount * promptLayer + projections + norms + size + 1
    }

    /// The elements of the largest matrix that a window needs.
    var windowElementCount: Int {
        let encoder = self.vision.encoder
        return self.vision.frameCount * (self.vision.tokenCount + 1)
            * max(encoder.intermediateSize, 2 * encoder.hiddenSize)
    }
}

extension Configuration.Text {
    /// Whether a text's ids are such as the model can take: at least one, none outside the vocabulary, and no more up
    /// to the end token than there are positions.
    ///
    /// A tokenizer that does not belong to the model can make others.
    public func accepts(_ tokenIDs: [Int32]) -> Bool {
        !tokenIDs.isEmpty && tokenIDs.allSatisfy { $0 >= 0 && Int($0) < self.vocabularySize }
            && TextEncoding.endPosition(of: tokenIDs) < self.positionCount
    }
}

extension Configuration.Encoder {
    /// Attention, MLP and two norms of every layer.
    fileprivate var parameterCount: Int {
        let (width, inner) = (self.hiddenSize, self.intermediateSize)
        return self.layerCount * (4 * (width * width + width) + 2 * width * inner + inner + width + 4 * width)
    }
}
