import GerundTensor

/// One block of the cross-frame communication transformer (HF: `XCLIPVisionEncoderLayer`).
///
/// T = frames of the window, P = tokens of a frame, D = `hiddenSize`. The class tokens are the only rows through which
/// frames hear of each other.
///
///     message  = messageFC(x[:, 0, :])                           // [T, D], one message a frame
///     message += messageAttention(messageLayerNorm(message))     // frames exchange messages
///     x       += selfAttention(layerNorm1(x ++ message))[:P]     // [T, P, D]; messages are keys and values only
///     x       += mlp(layerNorm2(x))
struct VisionEncoderLayer: Sendable {
    private let messageFC: Linear
    private let messageLayerNorm: LayerNorm
    private let messageAttention, selfAttention: Attention
    private let layerNorm1, layerNorm2: LayerNorm
    private let mlp: MLP

    init(
        _ weights: WeightScope<some WeightSource>, _ encoder: Configuration.Encoder
    ) throws(WeightError) {
        let (size, heads, epsilon) = (encoder.hiddenSize, encoder.headCount, encoder.layerNormEpsilon)
        self.messageFC = try Linear(weights.scoped("message_fc"), inputs: size, outputs: size)
        self.messageLayerNorm = try LayerNorm(weights.scoped("message_ln"), size: size, epsilon: epsilon)
        self.messageAttention = try Attention(weights.scoped("message_attn"), size: size, heads: heads)
        self.selfAttention = try Attention(weights.scoped("self_attn"), size: size, heads: heads)
        self.layerNorm1 = try LayerNorm(weights.scoped("layer_norm1"), size: size, epsilon: epsilon)
        self.layerNorm2 = try LayerNorm(weights.scoped("layer_norm2"), size: size, epsilon: epsilon)
        self.mlp = try MLP(
            weights.scoped("mlp"), size: size, intermediate: encoder.intermediateSize, activation: encoder.activation)
    }

    /// - Parameters:
    ///   - x: `[T * P, D]`, frame after frame, class token first; becomes the layer's output.
    ///   - messages: `[T, D]`, becomes what the frames tell each other.
    func apply(
        to x: inout MatrixBuffer, messages: inout MatrixBuffer, workspace: EncoderWorkspace
    ) {
        let (frames, tokens) = (messages.rows, x.rows / messages.rows)
        self.exchangeMessages(classTokens: x.view.rows(from: 0, by: tokens), messages: &messages, workspace)

        // Message rows stand below the frames' rows: keys and values of all are one product.
        let (frameRows, messageRows) = (0..<frames * tokens, frames * tokens..<frames * (tokens + 1))
        self.layerNorm1.apply(to: x.view, into: workspace.normed.mutableView.rows(frameRows))
        self.layerNorm1.apply(to: messages.view, into: workspace.normed.mutableView.rows(messageRows))
        self.selfAttention.query.apply(
            to: workspace.normed.view.rows(frameRows), into: workspace.queries.mutableView.rows(frameRows))
        self.selfAttention.keyValue.apply(to: workspace.normed.view, into: workspace.keyValues.mutableView)
        for frame in 0..<frames {
            let (own, message) = (frame * tokens..<(frame + 1) * tokens, messageRows.lowerBound + frame)
            self.selfAttention.core.attend(
                queries: workspace.queries.view.rows(own), keyValues: workspace.keyValues.view.rows(own),
                extraKeyValues: workspace.keyValues.view.rows(message..<message + 1),
                scores: workspace.scores, into: workspace.attended.mutableView.rows(own))
        }
        self.selfAttention.out.apply(
            to: workspace.attended.view.rows(frameRows), then: .accumulate, into: x.mutableView)

        self.layerNorm2.apply(to: x.view, into: workspace.normed.mutableView.rows(frameRows))
        self.mlp.accumulate(workspace.normed.view.rows(frameRows), inner: workspace.inner, into: x.mutableView)
    }

    /// Each frame's message from its class token, after the frames have listened to each other.
    ///
    /// - Parameters:
    ///   - classTokens: `[T, D]`.
    ///   - messages: `[T, D]`, the result.
    private func exchangeMessages(
        classTokens: MatrixView, messages: inout MatrixBuffer, _ workspace: EncoderWorkspace
    ) {
        let rows = 0..<classTokens.rows
        self.messageFC.apply(to: classTokens, into: messages.mutableView)
        self.messageLayerNorm.apply(to: messages.view, into: workspace.normed.mutableView.rows(rows))
        self.messageAttention.query.apply(
            to: workspace.normed.view.rows(rows), into: workspace.queries.mutableView.rows(rows))
        self.messageAttention.keyValue.apply(
            to: workspace.normed.view.rows(rows), into: workspace.keyValues.mutableView.rows(rows))
        self.messageAttention.core.attend(
            queries: workspace.queries.view.rows(rows), keyValues: workspace.keyValues.view.rows(rows),
            scores: workspace.scores, into: workspace.attended.mutableView.rows(rows))
        self.messageAttention.out.apply(
            to: workspace.attended.view.rows(rows), then: .accumulate, into: messages.mutableView)
    }
}
