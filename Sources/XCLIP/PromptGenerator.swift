import GerundTensor

/// Video-specific prompts: conditions text features on a video by cross-attention to its patches, and adds the result
/// with weight alpha (arXiv:2208.02816, section 3.3; HF: `XCLIPPromptGenerator`).
///
/// L = texts, N = patches per frame, M = `projectionSize`. Texts do not attend to each other.
struct PromptGenerator: Sendable {
    private let layerNorm: LayerNorm
    private let decoder: [PromptGeneratorLayer]
    /// The weight of the prompt in each dimension, `[1, M]`.
    private let alpha: Matrix
    /// The number of patches per frame (N).
    private let patchCount: Int
    private let kernels: Kernels

    /// The part of the prompts that depends on one video only: the keys and values of its patches for each layer.
    struct Context: Sendable {
        /// The keys and values of one or more videos, `[videos * N, 2 M]`, for each layer.
        let keyValues: [Matrix]
        /// The rows of this video.
        let rows: Range<Int>
    }

    init(_ weights: ParameterScope<some WeightSource>, _ configuration: XCLIPConfiguration) throws(WeightError) {
        let size = configuration.projectionSize
        self.patchCount = configuration.vision.patchCount
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

    /// Returns a reusable buffer of keys and values for each layer.
    func makeContextSlots() -> [ReusableMatrix] { self.decoder.map { _ in ReusableMatrix() } }

    /// Allocates scratch memory for prompting a number of texts, counted once per video; `nil` if there are no layers.
    func makeWorkspace(texts: Int) -> PromptGeneratorLayer.Workspace? {
        self.decoder.first?.makeWorkspace(texts: texts, patches: self.patchCount)
    }

    /// Allocates scratch memory for the videos' patches after the layer norm, `[videos * N, M]`; `nil` if there are no
    /// layers.
    func makeInput(rows: Int) -> LinearInput? { self.decoder.first?.crossAttention.keyValue.makeInput(rows: rows) }

    /// Computes the keys and values of the patches of videos.
    ///
    /// - Parameters:
    ///   - visual: The videos' patches in the joint embedding space, `[videos * N, M]`.
    ///   - normed: Scratch memory from ``makeInput(rows:)``.
    ///   - slots: Reusable buffers from ``makeContextSlots()``.
    /// - Returns: One context per video.
    func makeContexts(_ visual: MatrixView, normed: LinearInput?, into slots: inout [ReusableMatrix]) -> [Context] {
        var keyValues: [Matrix] = []
        if let normed {
            self.layerNorm.apply(to: visual, into: normed, rows: 0..<visual.rows)
            for (index, layer) in self.decoder.enumerated() {
                let projection = layer.crossAttention.keyValue
                var own = slots[index].buffer(rows: visual.rows, columns: projection.outputFeatures)
                projection.apply(to: normed, rows: 0..<visual.rows, into: own.mutableView)
                keyValues.append(Matrix(own))
            }
        }
        return stride(from: 0, to: visual.rows, by: self.patchCount).map {
            Context(keyValues: keyValues, rows: $0..<$0 + self.patchCount)
        }
    }

    /// Adds to each text its prompt, for every video.
    ///
    /// - Parameters:
    ///   - text: The text features, `[L, M]`.
    ///   - contexts: The contexts of the videos.
    ///   - workspace: The scratch memory.
    ///   - trace: Receives intermediate values.
    /// - Returns: `text + alpha * decoder(text)` of one video after the other, `[videos * L, M]`.
    func applyPrompts(
        to text: MatrixView, contexts: [Context], in workspace: ModelWorkspace, trace: XCLIPTrace? = nil
    ) -> MatrixBuffer {
        let rows = contexts.count * text.rows
        var prompted = workspace.results.promptedTexts.buffer(rows: rows, columns: text.columns)
        for video in contexts.indices {
            prompted.mutableView.rows(video * text.rows..<(video + 1) * text.rows).copy(from: text)
        }
        var x = workspace.results.prompts.buffer(rows: rows, columns: text.columns)
        x.mutableView.copy(from: prompted.view)
        if let scratch = workspace.promptScratch(texts: rows) {
            for (index, layer) in self.decoder.enumerated() {
                layer.apply(to: &x, contexts: contexts, index: index, workspace: scratch)
                trace?("prompts.layers.\(index)", x.view)
            }
        }
        self.kernels.add(x.view, scaledBy: self.alpha.view, to: prompted.mutableView)
        return prompted
    }
}
