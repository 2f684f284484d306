import GerundTensor

/// One layer of the prompts' decoder (HF: `PromptGeneratorLayer`).
///
/// L = texts, N = patches per frame, M = `projectionSize`.
///
///     x += crossAttention(norm1(x), patches)
///     x += mlp(norm3(x))
struct PromptGeneratorLayer: Sendable {
    let crossAttention: Attention
    private let norm1, norm3: LayerNorm
    private let mlp: MLP

    /// The scratch memory of a stack of these layers.
    struct Workspace {
        /// The maximum number of texts, counted once per video.
        let texts: Int
        fileprivate let normed, attended, inner: LinearInput
        fileprivate let queries: ScratchMatrix
        fileprivate let attention: MultiHeadAttention.Batch
    }

    /// Allocates scratch memory for this layer and all other layers of its stack.
    func makeWorkspace(texts: Int, patches: Int) -> Workspace {
        Workspace(
            texts: texts, normed: self.crossAttention.query.makeInput(rows: texts),
            attended: self.crossAttention.outProjection.makeInput(rows: texts),
            inner: self.mlp.fc2.makeInput(rows: texts),
            queries: ScratchMatrix(rows: texts, columns: self.crossAttention.query.outputFeatures),
            attention: self.crossAttention.attention.makeBatch(keys: patches))
    }

    init(_ weights: ParameterScope<some WeightSource>, _ configuration: XCLIPConfiguration) throws(WeightError) {
        let (size, prompts) = (configuration.projectionSize, configuration.prompts)
        let epsilon = configuration.text.encoder.layerNormEpsilon
        self.crossAttention = try Attention(
            weights.scoped("cross_attn"), size: size, heads: prompts.headCount, outputName: "proj", bias: false)
        self.norm1 = try LayerNorm(weights.scoped("norm1"), size: size, epsilon: epsilon)
        self.norm3 = try LayerNorm(weights.scoped("norm3"), size: size, epsilon: epsilon)
        self.mlp = try MLP(
            weights.scoped("mlp"), size: size, intermediate: 4 * size, activation: prompts.activation,
            names: ("0", "3"))
    }

    /// Applies the layer to the texts of every video.
    ///
    /// - Parameters:
    ///   - x: The hidden states, `[videos * L, M]`; become the layer's output.
    ///   - contexts: The contexts of the videos.
    ///   - index: The index of this layer.
    ///   - workspace: Scratch memory for at least as many texts.
    func apply(
        to x: inout MatrixBuffer, contexts: [PromptGenerator.Context], index: Int, workspace: Workspace
    ) {
        let rows = 0..<x.rows
        let count = x.rows / max(1, contexts.count)
        self.norm1.apply(to: x.view, into: workspace.normed, rows: rows)
        self.crossAttention.query.apply(
            to: workspace.normed, rows: rows, into: workspace.queries.mutableView.rows(rows))
        for (video, context) in contexts.enumerated() {
            let own = video * count..<(video + 1) * count
            let keyValues = context.keyValues[index]
            unsafe self.crossAttention.attention.append(
                queries: workspace.queries.view.rows(own),
                keyValues: keyValues.view.rows(context.rows),
                into: workspace.attended.stagingRows(own), to: workspace.attention)
        }
        self.crossAttention.attention.run(workspace.attention)
        workspace.attended.convert(rows)
        self.crossAttention.outProjection.apply(
            to: workspace.attended, rows: rows, epilogue: .accumulate, into: x.mutableView)

        self.norm3.apply(to: x.view, into: workspace.normed, rows: rows)
        self.mlp.accumulate(workspace.normed, rows: rows, inner: workspace.inner, into: x.mutableView)
    }
}
