import GerundTensor

/// One layer of the prompts' decoder (HF: `PromptGeneratorLayer`).
///
/// L = texts, N = patches of a frame, M = `projectionSize`.
///
///     x += crossAttention(norm1(x), patches)
///     x += mlp(norm3(x))
struct PromptGeneratorLayer: Sendable {
    let crossAttention: Attention
    private let norm1, norm3: LayerNorm
    private let mlp: MLP

    struct Workspace {
        /// How many texts there is room for.
        let texts: Int
        fileprivate let normed, attended, inner: Operand
        fileprivate let queries: ScratchMatrix
        fileprivate let attention: MultiHeadAttention.Batch
    }

    /// Scratch memory for this layer and all others of its stack.
    func makeWorkspace(texts: Int, patches: Int) -> Workspace {
        Workspace(
            texts: texts, normed: self.crossAttention.query.makeOperand(rows: texts),
            attended: self.crossAttention.out.makeOperand(rows: texts), inner: self.mlp.fc2.makeOperand(rows: texts),
            queries: ScratchMatrix(rows: texts, columns: self.crossAttention.query.outputs),
            attention: self.crossAttention.core.makeBatch(keys: patches))
    }

    init(_ weights: WeightScope<some WeightSource>, _ configuration: Configuration) throws(WeightError) {
        let (size, prompts) = (configuration.projectionSize, configuration.prompts)
        let epsilon = configuration.text.encoder.layerNormEpsilon
        self.crossAttention = try Attention(
            weights.scoped("cross_attn"), size: size, heads: prompts.headCount, outName: "proj", bias: false)
        self.norm1 = try LayerNorm(weights.scoped("norm1"), size: size, epsilon: epsilon)
        self.norm3 = try LayerNorm(weights.scoped("norm3"), size: size, epsilon: epsilon)
        self.mlp = try MLP(
            weights.scoped("mlp"), size: size, intermediate: 4 * size, activation: prompts.activation,
            names: ("0", "3"))
    }

    /// - Parameters:
    ///   - x: `[videos * L, M]`; becomes the layer's output.
    ///   - contexts: Of the videos.
    ///   - index: Which layer this is.
    func apply(
        to x: inout MatrixBuffer, _ contexts: [PromptGenerator.Context], _ index: Int, workspace: Workspace
    ) {
        let rows = 0..<x.rows
        let count = x.rows / max(1, contexts.count)
        self.norm1.apply(to: x.view, into: workspace.normed, rows: rows)
        self.crossAttention.query.apply(
            to: workspace.normed, rows: rows, into: workspace.queries.mutableView.rows(rows))
        for (video, context) in contexts.enumerated() {
            let own = video * count..<(video + 1) * count
            let keyValues = context.keyValues[index]
            unsafe self.crossAttention.core.add(
                queries: workspace.queries.view.rows(own),
                keyValues: keyValues.view.rows(context.rows),
                into: workspace.attended.staged(own), to: workspace.attention)
        }
        self.crossAttention.core.attend(workspace.attention)
        workspace.attended.commit(rows)
        self.crossAttention.out.apply(to: workspace.attended, rows: rows, then: .accumulate, into: x.mutableView)

        self.norm3.apply(to: x.view, into: workspace.normed, rows: rows)
        self.mlp.accumulate(workspace.normed, rows: rows, inner: workspace.inner, into: x.mutableView)
    }
}
