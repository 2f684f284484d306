import GerundTensor

/// The vision encoder: frames in, class tokens and patch rows out (HF: `XCLIPVisionModel`).
///
/// P = tokens of a frame, N = P - 1 patches, D = `hiddenSize`.
struct VisionTransformer: Sendable {
    private let embeddings: VisionEmbeddings
    private let preLayerNorm, postLayerNorm: LayerNorm
    private var layers: [VisionEncoderLayer]
    /// Before each layer from the second on: the first one's is done once, here.
    private let exchanges: [MessageExchange]
    private let vision: Configuration.Vision
    private let kernels: Kernels
    /// The first layer's messages, for the trace, and their keys and values: every window's are the same, since the
    /// class token enters the encoder without having seen a pixel.
    private let firstMessage, firstMessageKeyValues: Matrix

    init(_ weights: WeightScope<some WeightSource>, _ vision: Configuration.Vision) throws(WeightError) {
        let (size, epsilon) = (vision.encoder.hiddenSize, vision.encoder.layerNormEpsilon)
        let embeddings = try VisionEmbeddings(weights.scoped("embeddings"), vision)
        let preLayerNorm = try LayerNorm(weights.scoped("pre_layernorm"), size: size, epsilon: epsilon)
        var (layers, exchanges) = ([VisionEncoderLayer](), [MessageExchange]())
        for index in 0..<vision.encoder.layerCount {
            let own = weights.scoped("encoder.layers.\(index)")
            exchanges.append(try MessageExchange(own, vision.encoder))
            layers.append(try VisionEncoderLayer(own, vision.encoder))
        }
        var classTokens = MatrixBuffer(rows: vision.frameCount, columns: size)
        for frame in 0..<vision.frameCount {
            let row = classTokens.mutableView.rows(frame..<frame + 1)
            preLayerNorm.apply(to: embeddings.classEmbedding.view, into: row)
        }
        let message = exchanges[0].constantMessage(classTokens.view)
        self.vision = vision
        self.kernels = weights.backend.kernels
        self.embeddings = embeddings
        self.preLayerNorm = preLayerNorm
        self.postLayerNorm = try LayerNorm(weights.scoped("post_layernorm"), size: size, epsilon: epsilon)
        self.exchanges = Array(exchanges.dropFirst())
        self.layers = layers.enumerated().map { index, layer in
            index + 1 < exchanges.count ? layer.fetching(exchanges[index + 1]) : layer
        }
        self.firstMessage = message
        self.firstMessageKeyValues = layers[0].keyValues(ofMessages: message.view)
    }

    /// The same encoder, whose last layer fetches the weights of what follows it.
    func fetching(_ integration: EncoderLayer?) -> VisionTransformer {
        var encoder = self
        if let integration, let last = self.layers.last {
            encoder.layers[self.layers.count - 1] = last.fetching(integration)
        }
        return encoder
    }

    /// The part of the encoder that sees one frame alone: up to the second layer's queries, keys and values.
    ///
    /// - Parameter states: What the workspace's patches, `[states * N, 3 * patch * patch]`, committed, are the pictures
    ///   of.
    func embed(_ states: [FrameState], _ workspace: ModelWorkspace, trace: Trace? = nil) {
        let tokens = self.vision.tokenCount
        let rows = 0..<states.count * tokens
        let scratch = workspace.scratch(rows: rows.count, frames: states.count)
        let (x, patches) = (scratch.x, workspace.patches(of: states.count))
        let patchRows = 0..<states.count * self.vision.patchCount
        self.embeddings.apply(to: patches, rows: patchRows, scratch: scratch.layer.queries, into: x)
        self.preLayerNorm.apply(to: x.view.rows(rows), into: x.mutableView.rows(rows))
        trace?("vision.embeddings", scratch.x.view.rows(rows))

        self.layers[0].apply(
            toFramesIn: rows, tokens: tokens, message: self.firstMessageKeyValues.view, scratch)
        trace?("vision.layers.0.messages", self.firstMessage.view)
        trace?("vision.layers.0", scratch.x.view.rows(rows))
        if self.layers.count > 1 { self.layers[1].project(rows, scratch) }
        for (index, state) in states.enumerated() {
            let own = index * tokens..<(index + 1) * tokens
            let (embedding, queries) = (state.embedding, state.queries)
            self.kernels.copy(x.view.rows(own), to: embedding.mutableView)
            if let keyValues = state.keyValues {
                self.kernels.copy(scratch.layer.queries.view.rows(own), to: queries.mutableView)
                self.kernels.copy(scratch.layer.keyValues.view.rows(own), to: keyValues.mutableView)
            }
            state.isEncoded = false
        }
    }

    /// The part in which the frames of a window meet: leaves the planned rows in the workspace's `x`, after the last
    /// layer.
    func encode(_ plan: RefreshPlan, _ workspace: ModelWorkspace, trace: Trace? = nil) {
        guard plan.rowCount > 0 else { return }
        let scratch = workspace.scratch(rows: plan.rowCount, frames: plan.frames.count)
        for frame in plan.frames {
            frame.gather(from: frame.state.embedding, into: scratch.x)
            if frame.isFull { frame.state.messageAttention.clear() }
        }
        for (index, layer) in self.layers.dropFirst().enumerated() {
            self.exchanges[index].apply(index, plan, scratch)
            layer.apply(index, plan, scratch)
            trace?("vision.layers.\(index + 1).messages", scratch.messages.view.rows(0..<plan.frames.count))
            trace?("vision.layers.\(index + 1)", scratch.x.view.rows(0..<plan.rowCount))
        }
        for frame in plan.frames where frame.keepsLayers {
            if frame.isFull { frame.state.orderRows() }
            frame.state.isEncoded = true
        }
    }

    /// The normalised class tokens of the plan's frames (HF: `pooler_output`) into the first rows of `out`,
    /// `[frames, D]`.
    func pool(_ plan: RefreshPlan, _ workspace: ModelWorkspace, into out: Operand) {
        let scratch = workspace.scratch(rows: plan.rowCount, frames: plan.frames.count)
        for (number, frame) in plan.frames.enumerated() {
            let row = frame.rows.lowerBound
            scratch.classTokens.staged(number..<number + 1).copy(from: scratch.x.view.rows(row..<row + 1))
        }
        let frames = 0..<plan.frames.count
        self.postLayerNorm.apply(to: scratch.classTokens.floats(frames), into: out, rows: frames)
    }

    /// How keys and values are computed, and so how exactly they are worth keeping.
    var keyValueFormat: NumberFormat { self.layers[0].keyValueFormat }

    /// Scratch memory for passes of so many rows of so many frames.
    func makeScratch(rows: Int, frames: Int) -> VisionScratch {
        self.layers[0].makeScratch(rows: rows, frames: frames, self.vision)
    }

    /// Memory for the patches of so many frames.
    func makePatches(frames: Int) -> Operand { self.embeddings.makePatches(frames: frames) }
}
