import GerundTensor

/// The vision encoder: from images to class tokens and patch features (HF: `XCLIPVisionModel`).
///
/// P = tokens per frame, N = P - 1 patches, D = `hiddenSize`.
struct VisionTransformer: Sendable {
    private let embeddings: VisionEmbeddings
    private let preLayerNorm, postLayerNorm: LayerNorm
    private var layers: [VisionEncoderLayer]
    /// The cross-frame attention before each layer from the second on.
    ///
    /// That of the first layer is computed once, when the model is loaded.
    private let crossFrameAttentions: [CrossFrameAttention]
    private let vision: XCLIPConfiguration.Vision
    private let kernels: Kernels
    /// The first layer's message, for the trace, and its keys and values.
    ///
    /// They are the same in every window, since the class token enters the encoder without having seen a pixel.
    private let firstMessage, firstMessageKeyValues: Matrix

    init(_ weights: ParameterScope<some WeightSource>, _ vision: XCLIPConfiguration.Vision) throws(WeightError) {
        let (size, epsilon) = (vision.encoder.hiddenSize, vision.encoder.layerNormEpsilon)
        let embeddings = try VisionEmbeddings(weights.scoped("embeddings"), vision)
        let preLayerNorm = try LayerNorm(weights.scoped("pre_layernorm"), size: size, epsilon: epsilon)
        var (layers, crossFrameAttentions) = ([VisionEncoderLayer](), [CrossFrameAttention]())
        for index in 0..<vision.encoder.layerCount {
            let own = weights.scoped("encoder.layers.\(index)")
            crossFrameAttentions.append(try CrossFrameAttention(own, vision.encoder))
            layers.append(try VisionEncoderLayer(own, vision.encoder))
        }
        var classTokens = MatrixBuffer(rows: vision.frameCount, columns: size)
        for frame in 0..<vision.frameCount {
            let row = classTokens.mutableView.rows(frame..<frame + 1)
            preLayerNorm.apply(to: embeddings.classEmbedding.view, into: row)
        }
        let message = crossFrameAttentions[0].constantMessage(classTokens.view)
        self.vision = vision
        self.kernels = weights.backend.kernels
        self.embeddings = embeddings
        self.preLayerNorm = preLayerNorm
        self.postLayerNorm = try LayerNorm(weights.scoped("post_layernorm"), size: size, epsilon: epsilon)
        self.crossFrameAttentions = Array(crossFrameAttentions.dropFirst())
        self.layers = layers.enumerated().map { index, layer in
            index + 1 < crossFrameAttentions.count ? layer.prefetching(crossFrameAttentions[index + 1]) : layer
        }
        self.firstMessage = message
        self.firstMessageKeyValues = layers[0].keyValues(ofMessages: message.view)
    }

    /// Returns a copy of this encoder whose last layer prefetches the weights of the layer that follows it.
    func prefetching(_ mit: EncoderLayer?) -> VisionTransformer {
        var encoder = self
        if let mit, let last = self.layers.last {
            encoder.layers[self.layers.count - 1] = last.prefetching(mit)
        }
        return encoder
    }

    /// Computes the part of the encoding that depends on one frame alone: up to the second layer's queries, keys and
    /// values.
    ///
    /// - Parameters:
    ///   - states: The states to write to, one per image.
    ///   - workspace: Contains the patches of the images, `[states * N, 3 * patch * patch]`, already converted to the
    ///     layer's element type.
    ///   - trace: Receives intermediate values.
    func embed(_ states: [FrameState], in workspace: ModelWorkspace, trace: XCLIPTrace? = nil) {
        let tokens = self.vision.tokenCount
        let rows = 0..<states.count * tokens
        let scratch = workspace.visionScratch(tokens: rows.count, frames: states.count)
        let (x, patches) = (scratch.x, workspace.patches(of: states.count))
        let patchRows = 0..<states.count * self.vision.patchCount
        self.embeddings.apply(to: patches, rows: patchRows, scratch: scratch.layer.queries, into: x)
        self.preLayerNorm.apply(to: x.view.rows(rows), into: x.mutableView.rows(rows))
        trace?("vision.embeddings", scratch.x.view.rows(rows))

        self.layers[0].apply(
            toFramesIn: rows, tokens: tokens, message: self.firstMessageKeyValues.view, in: scratch)
        trace?("vision.layers.0.messages", self.firstMessage.view)
        trace?("vision.layers.0", scratch.x.view.rows(rows))
        if self.layers.count > 1 { self.layers[1].project(rows, in: scratch) }
        for (index, state) in states.enumerated() {
            let own = index * tokens..<(index + 1) * tokens
            let (embedding, queries) = (state.embedding, state.queries)
            self.kernels.copy(x.view.rows(own), to: embedding.mutableView)
            if let keyValues = state.keyValues {
                self.kernels.copy(scratch.layer.queries.view.rows(own), to: queries.mutableView)
                self.kernels.copy(scratch.layer.keyValues.view.rows(own), to: keyValues.mutableView)
            }
            state.hasLayerCache = false
        }
    }

    /// Encodes the planned tokens through the remaining layers, with cross-frame attention.
    ///
    /// - Parameters:
    ///   - plan: The batch.
    ///   - workspace: Its scratch matrix `x` receives the tokens after the last layer.
    ///   - trace: Receives intermediate values.
    func encode(_ plan: RefreshPlan, in workspace: ModelWorkspace, trace: XCLIPTrace? = nil) {
        guard plan.tokenCount > 0 else { return }
        let scratch = workspace.visionScratch(tokens: plan.tokenCount, frames: plan.frames.count)
        for frame in plan.frames {
            frame.gather(from: frame.state.embedding, into: scratch.x)
            if frame.isFull { frame.state.messageAttention.clear() }
        }
        for (index, layer) in self.layers.dropFirst().enumerated() {
            self.crossFrameAttentions[index].apply(plan, layer: index, in: scratch)
            layer.apply(plan, index: index, in: scratch)
            trace?("vision.layers.\(index + 1).messages", scratch.messages.view.rows(0..<plan.frames.count))
            trace?("vision.layers.\(index + 1)", scratch.x.view.rows(0..<plan.tokenCount))
        }
        for frame in plan.frames where frame.cachesLayers {
            if frame.isFull { frame.state.sortRefreshOrder() }
            frame.state.hasLayerCache = true
        }
    }

    /// Normalizes the class tokens of the plan's frames (HF: `pooler_output`).
    ///
    /// - Parameters:
    ///   - plan: The batch.
    ///   - workspace: Contains the tokens after the last layer.
    ///   - out: Receives the class tokens in its first rows, `[frames, D]`.
    func pool(_ plan: RefreshPlan, in workspace: ModelWorkspace, into out: LinearInput) {
        let scratch = workspace.visionScratch(tokens: plan.tokenCount, frames: plan.frames.count)
        for (number, frame) in plan.frames.enumerated() {
            let row = frame.tokens.lowerBound
            scratch.classTokens.stagingRows(number..<number + 1).copy(from: scratch.x.view.rows(row..<row + 1))
        }
        let frames = 0..<plan.frames.count
        self.postLayerNorm.apply(to: scratch.classTokens.floatRows(frames), into: out, rows: frames)
    }

    /// The element type in which keys and values are computed, and so the most precise one that is worth caching them
    /// in.
    var keyValueType: ElementType { self.layers[0].keyValueType }

    /// Allocates scratch memory for batches of at most a number of tokens and frames.
    func makeScratch(tokens: Int, frames: Int) -> VisionScratch {
        self.layers[0].makeScratch(tokens: tokens, frames: frames, for: self.vision)
    }

    /// Allocates memory for the patches of a number of frames.
    func makePatches(frames: Int) -> LinearInput { self.embeddings.makePatches(frames: frames) }
}
