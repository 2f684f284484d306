import GerundTensor

/// The vision encoder: frames in, class tokens and patch rows out (HF: `XCLIPVisionModel`).
///
/// T = frames of the window, P = tokens of a frame, D = `hiddenSize`.
struct VisionTransformer: Sendable {
    private let embeddings: VisionEmbeddings
    private let preLayerNorm, postLayerNorm: LayerNorm
    private let layers: [VisionEncoderLayer]
    private let vision: Configuration.Vision

    init(_ weights: WeightScope<some WeightSource>, _ vision: Configuration.Vision) throws(WeightError) {
        let (size, epsilon) = (vision.encoder.hiddenSize, vision.encoder.layerNormEpsilon)
        self.vision = vision
        self.embeddings = try VisionEmbeddings(weights.scoped("embeddings"), vision)
        self.preLayerNorm = try LayerNorm(weights.scoped("pre_layernorm"), size: size, epsilon: epsilon)
        self.postLayerNorm = try LayerNorm(weights.scoped("post_layernorm"), size: size, epsilon: epsilon)
        var layers: [VisionEncoderLayer] = []
        for index in 0..<vision.encoder.layerCount {
            layers.append(try VisionEncoderLayer(weights.scoped("encoder.layers.\(index)"), vision.encoder))
        }
        self.layers = layers
    }

    /// The part of the encoder that sees one frame alone.
    ///
    /// - Parameter patches: `[P - 1, 3 * patch * patch]`, normalised.
    func embed(_ patches: MatrixView) -> FrameEmbedding {
        let rows = self.embeddings(patches)
        return FrameEmbedding(rows: Matrix(self.preLayerNorm(rows.view)))
    }

    /// The part in which the frames of a window meet.
    ///
    /// - Returns: The rows of all frames after the last layer, `[T * P, D]`.
    func encode(_ frames: [FrameEmbedding], trace: Trace? = nil) -> MatrixBuffer {
        let (encoder, tokens) = (self.vision.encoder, self.vision.tokenCount)
        var x = MatrixBuffer(rows: frames.count * tokens, columns: encoder.hiddenSize)
        for (index, frame) in frames.enumerated() {
            x.mutableView.rows(index * tokens..<(index + 1) * tokens).copy(from: frame.rows.view)
        }
        trace?("vision.embeddings", x.view)
        var messages = MatrixBuffer(rows: frames.count, columns: encoder.hiddenSize)
        // One key more than tokens, for the message; the exchange of messages has a key for each frame.
        let workspace = EncoderWorkspace(
            rows: frames.count * (tokens + 1), keys: max(tokens + 1, frames.count), encoder: encoder)
        for (index, layer) in self.layers.enumerated() {
            layer.apply(to: &x, messages: &messages, workspace: workspace)
            trace?("vision.layers.\(index).messages", messages.view)
            trace?("vision.layers.\(index)", x.view)
        }
        return x
    }

    /// The frames' normalised class tokens (HF: `pooler_output`).
    ///
    /// - Parameter rows: `[T * P, D]`, as ``encode(_:trace:)`` returns them.
    /// - Returns: `[T, D]`.
    func pool(_ rows: MatrixView) -> MatrixBuffer {
        self.postLayerNorm(rows.rows(from: 0, by: self.vision.tokenCount))
    }
}
