import GerundTensor

/// One transformer layer of the text encoder and of the multi-frame integration (HF: `XCLIPEncoderLayer`).
///
///     x += selfAttention(layerNorm1(x))
///     x += mlp(layerNorm2(x))
struct EncoderLayer: Sendable {
    private let selfAttention: Attention
    private let layerNorm1, layerNorm2: LayerNorm
    private let mlp: MLP

    init(
        _ weights: WeightScope<some WeightSource>, _ encoder: Configuration.Encoder
    ) throws(WeightError) {
        let (size, epsilon) = (encoder.hiddenSize, encoder.layerNormEpsilon)
        self.selfAttention = try Attention(weights.scoped("self_attn"), size: size, heads: encoder.headCount)
        self.layerNorm1 = try LayerNorm(weights.scoped("layer_norm1"), size: size, epsilon: epsilon)
        self.layerNorm2 = try LayerNorm(weights.scoped("layer_norm2"), size: size, epsilon: epsilon)
        self.mlp = try MLP(
            weights.scoped("mlp"), size: size, intermediate: encoder.intermediateSize, activation: encoder.activation)
    }

    /// - Parameters:
    ///   - x: `[rows, D]`, several sequences one below the other; becomes the layer's output.
    ///   - sequences: The rows of each sequence; rows see their own sequence only.
    ///   - visible: Which rows of its sequence a row sees.
    func apply(
        to x: inout MatrixBuffer, sequences: [Range<Int>], visible: Kernels.Visibility,
        workspace: EncoderWorkspace
    ) {
        let rows = 0..<x.rows
        self.layerNorm1.apply(to: x.view, into: workspace.normed.mutableView.rows(rows))
        self.selfAttention.query.apply(
            to: workspace.normed.view.rows(rows), into: workspace.queries.mutableView.rows(rows))
        self.selfAttention.keyValue.apply(
            to: workspace.normed.view.rows(rows), into: workspace.keyValues.mutableView.rows(rows))
        for sequence in sequences {
            self.selfAttention.core.attend(
                queries: workspace.queries.view.rows(sequence), keyValues: workspace.keyValues.view.rows(sequence),
                visible: visible, scores: workspace.scores, into: workspace.attended.mutableView.rows(sequence))
        }
        self.selfAttention.out.apply(
            to: workspace.attended.view.rows(rows), then: .accumulate, into: x.mutableView)

        self.layerNorm2.apply(to: x.view, into: workspace.normed.mutableView.rows(rows))
        self.mlp.accumulate(workspace.normed.view.rows(rows), inner: workspace.inner, into: x.mutableView)
    }
}
