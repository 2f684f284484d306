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
        fileprivate let normed, attended, inner: Operand
        fileprivate let queries: ScratchMatrix
        fileprivate let attention: MultiHeadAttention.Batch
    }

    /// Scratch memory for this layer and all others of its stack.
    func makeWorkspace(texts: Int, patches: Int) -> Workspace {
        Workspace(
            normed: self.crossAttention.query.makeOperand(rows: texts),
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
    ///   - x: `[L, M]`; becomes the layer's output.
    ///   - keyValues: `[N, 2 M]`.
    func apply(to x: inout MatrixBuffer, keyValues: MatrixView, workspace: Workspace) {
        let rows = 0..<x.rows
        self.norm1.apply(to: x.view, into: workspace.normed, rows: rows)
        self.crossAttention.query.apply(to: workspace.normed, rows: rows, into: workspace.queries.mutableView)
        self.crossAttention.core.attend(
            queries: workspace.queries.view, keyValues: keyValues, batch: workspace.attention,
            into: workspace.attended.staged(rows))
        workspace.attended.commit(rows)
        self.crossAttention.out.apply(to: workspace.attended, rows: rows, then: .accumulate, into: x.mutableView)

        self.norm3.apply(to: x.view, into: workspace.normed, rows: rows)
        self.mlp.accumulate(workspace.normed, rows: rows, inner: workspace.inner, into: x.mutableView)
    }
}
