import GerundTensor

/// One transformer layer of the text encoder and of the multi-frame integration (HF: `XCLIPEncoderLayer`).
///
///     x += selfAttention(layerNorm1(x))
///     x += mlp(layerNorm2(x))
///
/// D = width of a token.
struct EncoderLayer: Sendable {
    let selfAttention: Attention
    private let layerNorm1, layerNorm2: LayerNorm
    let mlp: MLP

    init(
        _ weights: ParameterScope<some WeightSource>, _ encoder: XCLIPConfiguration.Encoder
    ) throws(WeightError) {
        let (size, epsilon) = (encoder.hiddenSize, encoder.layerNormEpsilon)
        self.selfAttention = try Attention(weights.scoped("self_attn"), size: size, heads: encoder.headCount)
        self.layerNorm1 = try LayerNorm(weights.scoped("layer_norm1"), size: size, epsilon: epsilon)
        self.layerNorm2 = try LayerNorm(weights.scoped("layer_norm2"), size: size, epsilon: epsilon)
        self.mlp = try MLP(
            weights.scoped("mlp"), size: size, intermediate: encoder.intermediateSize, activation: encoder.activation)
    }

    /// Applies the layer to several sequences at once.
    ///
    /// - Parameters:
    ///   - x: The input, `[rows, D]`, with the sequences concatenated; becomes the layer's output.
    ///   - sequences: The rows of each sequence. A token attends only to tokens of the same sequence.
    ///   - mask: The tokens of its sequence that a token attends to.
    ///   - workspace: Scratch memory for at least as many rows and keys.
    func apply(
        to x: inout MatrixBuffer, sequences: [Range<Int>], mask: AttentionMask,
        workspace: EncoderWorkspace
    ) {
        let rows = 0..<x.rows
        self.layerNorm1.apply(to: x.view, into: workspace.normed, rows: rows)
        self.selfAttention.query.apply(
            to: workspace.normed, rows: rows, into: workspace.queries.mutableView.rows(rows))
        self.selfAttention.keyValue.apply(
            to: workspace.normed, rows: rows, into: workspace.keyValues.mutableView.rows(rows))
        for sequence in sequences {
            unsafe self.selfAttention.attention.append(
                queries: workspace.queries.view.rows(sequence), keyValues: workspace.keyValues.view.rows(sequence),
                mask: mask, into: workspace.attended.stagingRows(sequence), to: workspace.attention)
        }
        self.selfAttention.attention.run(workspace.attention)
        workspace.attended.convert(rows)
        self.selfAttention.outProjection.apply(
            to: workspace.attended, rows: rows, epilogue: .accumulate, into: x.mutableView)

        self.layerNorm2.apply(to: x.view, into: workspace.normed, rows: rows)
        self.mlp.accumulate(workspace.normed, rows: rows, inner: workspace.inner, into: x.mutableView)
    }

    /// Creates scratch memory for this layer and all other layers of its stack.
    ///
    /// - Parameters:
    ///   - rows: The maximum number of rows of all sequences together.
    ///   - keys: The maximum number of keys of a sequence.
    /// - Returns: The scratch memory.
    func makeWorkspace(rows: Int, keys: Int) -> EncoderWorkspace {
        EncoderWorkspace(rows: rows, keys: keys, selfAttention: self.selfAttention, mlp: self.mlp)
    }
}
