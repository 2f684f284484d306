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
        let normed, queries, attended, inner, scores: ScratchMatrix

        init(texts: Int, patches: Int, size: Int) {
            self.normed = ScratchMatrix(rows: texts, columns: size)
            self.queries = ScratchMatrix(rows: texts, columns: size)
            self.attended = ScratchMatrix(rows: texts, columns: size)
            self.inner = ScratchMatrix(rows: texts, columns: 4 * size)
            self.scores = ScratchMatrix(rows: texts, columns: patches)
        }
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
        self.norm1.apply(to: x.view, into: workspace.normed.mutableView)
        self.crossAttention.query.apply(to: workspace.normed.view, into: workspace.queries.mutableView)
        self.crossAttention.core.attend(
            queries: workspace.queries.view, keyValues: keyValues, scores: workspace.scores,
            into: workspace.attended.mutableView)
        self.crossAttention.out.apply(to: workspace.attended.view, then: .accumulate, into: x.mutableView)

        self.norm3.apply(to: x.view, into: workspace.normed.mutableView)
        self.mlp.accumulate(workspace.normed.view, inner: workspace.inner, into: x.mutableView)
    }
}
