import GerundTensor

/// Video-specific prompts: texts look at the video's patches and move a little towards it (HF: `XCLIPPromptGenerator`).
///
/// L = texts, N = patches of a frame, M = `projectionSize`. Texts do not see each other.
struct PromptGenerator: Sendable {
    private let layerNorm: LayerNorm
    private let decoder: [PromptGeneratorLayer]
    /// `[1, M]`.
    private let alpha: Matrix
    private let configuration: Configuration
    private let kernels: Kernels

    /// What the prompts need of one video: keys and values of its patches for each layer, `[N, 2 M]`.
    struct Context: Sendable {
        let keyValues: [Matrix]
    }

    init(_ weights: WeightScope<some WeightSource>, _ configuration: Configuration) throws(WeightError) {
        let size = configuration.projectionSize
        self.configuration = configuration
        self.kernels = weights.backend.kernels
        self.layerNorm = try LayerNorm(
            weights.scoped("layernorm"), size: size, epsilon: configuration.vision.encoder.layerNormEpsilon)
        var decoder: [PromptGeneratorLayer] = []
        for index in 0..<configuration.prompts.layerCount {
            decoder.append(try PromptGeneratorLayer(weights.scoped("decoder.\(index)"), configuration))
        }
        self.decoder = decoder
        self.alpha = try weights.vector("alpha", count: size)
    }

    /// - Parameter visual: The video's patches in the common space, `[N, M]`.
    func context(_ visual: MatrixView) -> Context {
        let normed = self.layerNorm(visual)
        return Context(keyValues: self.decoder.map { Matrix($0.crossAttention.keyValue(normed.view)) })
    }

    /// Adds to each text its prompt.
    ///
    /// - Parameter text: `[L, M]`.
    /// - Returns: `text + alpha * decoder(text)`, `[L, M]`.
    func prompt(_ text: MatrixView, _ context: Context, trace: Trace? = nil) -> MatrixBuffer {
        var x = MatrixBuffer(rows: text.rows, columns: text.columns)
        x.mutableView.copy(from: text)
        let patches = context.keyValues.first?.rows ?? 0
        if let workspace = self.decoder.first?.makeWorkspace(texts: text.rows, patches: patches) {
            for (index, (layer, keyValues)) in zip(self.decoder, context.keyValues).enumerated() {
                layer.apply(to: &x, keyValues: keyValues.view, workspace: workspace)
                trace?("prompts.layers.\(index)", x.view)
            }
        }
        var prompted = MatrixBuffer(rows: text.rows, columns: text.columns)
        prompted.mutableView.copy(from: text)
        self.kernels.add(x.view, scaledBy: self.alpha.view, to: prompted.mutableView)
        return prompted
    }
}
