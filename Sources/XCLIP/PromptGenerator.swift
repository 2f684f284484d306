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

    /// What the prompts need of one video: keys and values of its patches for each layer.
    struct Context: Sendable {
        /// Of one or more videos, `[videos * N, 2 M]`.
        let keyValues: [Matrix]
        /// Which rows are this video's.
        let rows: Range<Int>
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

    /// - Parameters:
    ///   - visual: The videos' patches in the common space, `[videos * N, M]`.
    ///   - patches: N.
    func contexts(_ visual: MatrixView, patches: Int) -> [Context] {
        let normed = self.layerNorm(visual)
        let keyValues = self.decoder.map { Matrix($0.crossAttention.keyValue(normed.view)) }
        return stride(from: 0, to: visual.rows, by: patches).map {
            Context(keyValues: keyValues, rows: $0..<$0 + patches)
        }
    }

    /// Adds to each text its prompt, for every video.
    ///
    /// - Parameter text: `[L, M]`.
    /// - Returns: `text + alpha * decoder(text)` of one video after the other, `[videos * L, M]`.
    func prompt(_ text: MatrixView, _ contexts: [Context], trace: Trace? = nil) -> MatrixBuffer {
        var copies = MatrixBuffer(rows: contexts.count * text.rows, columns: text.columns)
        for video in contexts.indices {
            copies.mutableView.rows(video * text.rows..<(video + 1) * text.rows).copy(from: text)
        }
        var x = MatrixBuffer(rows: copies.rows, columns: text.columns)
        x.mutableView.copy(from: copies.view)
        let patches = contexts.first?.rows.count ?? 0
        if let workspace = self.decoder.first?.makeWorkspace(texts: x.rows, patches: patches) {
            for (index, layer) in self.decoder.enumerated() {
                layer.apply(to: &x, contexts, index, workspace: workspace)
                trace?("prompts.layers.\(index)", x.view)
            }
        }
        var prompted = copies
        self.kernels.add(x.view, scaledBy: self.alpha.view, to: prompted.mutableView)
        return prompted
    }
}
