import GerundTensor

/// One transformer layer of the text encoder and of the multi-frame integration (HF: `XCLIPEncoderLayer`).
///
///     x += selfAttention(layerNorm1(x))
///     x += mlp(layerNorm2(x))
struct EncoderLayer: Sendable {
    let selfAttention: Attention
    private let layerNorm1, layerNorm2: LayerNorm
    let mlp: MLP

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
        self.layerNorm1.apply(to: x.view, into: workspace.normed, rows: rows)
        self.selfAttention.query.apply(
            to: workspace.normed, rows: rows, into: workspace.queries.mutableView.rows(rows))
        self.selfAttention.keyValue.apply(
            to: workspace.normed, rows: rows, into: workspace.keyValues.mutableView.rows(rows))
        for sequence in sequences {
            unsafe self.selfAttention.core.add(
                queries: workspace.queries.view.rows(sequence), keyValues: workspace.keyValues.view.rows(sequence),
                visible: visible, into: workspace.attended.staged(sequence), to: workspace.attention)
        }
        self.selfAttention.core.attend(workspace.attention)
        workspace.attended.commit(rows)
        self.selfAttention.out.apply(
            to: workspace.attended, rows: rows, then: .accumulate, into: x.mutableView)

        self.layerNorm2.apply(to: x.view, into: workspace.normed, rows: rows)
        self.mlp.accumulate(workspace.normed, rows: rows, inner: workspace.inner, into: x.mutableView)
    }

    /// Scratch memory for this layer and all others of its stack.
    func makeWorkspace(rows: Int, keys: Int) -> EncoderWorkspace {
        EncoderWorkspace(rows: rows, keys: keys, self.selfAttention, self.mlp)
    }
}
