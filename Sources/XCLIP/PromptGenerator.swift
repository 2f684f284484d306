import GerundTensor

/// Video-specific prompts: texts look at the video's patches and move a little towards it (HF: `XCLIPPromptGenerator`).
///
/// L = texts, N = patches of a frame, M = `projectionSize`. Texts do not see each other.
struct PromptGenerator: Sendable {
    private let layerNorm: LayerNorm
    private let decoder: [PromptGeneratorLayer]
    /// `[1, M]`.
    private let alpha: Matrix
    /// N.
    private let patchCount: Int
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

    /// Memory for the contexts of a pass.
    func makeContextSlots() -> [MatrixSlot] { self.decoder.map { _ in MatrixSlot() } }

    /// Scratch memory for prompting so many texts, counted once for each video; nothing where there are no layers.
    func makeWorkspace(texts: Int) -> PromptGeneratorLayer.Workspace? {
        self.decoder.first?.makeWorkspace(texts: texts, patches: self.patchCount)
    }

    /// Scratch memory for the videos' patches after the layer norm, `[videos * N, M]`, likewise.
    func makeOperand(rows: Int) -> Operand? { self.decoder.first?.crossAttention.keyValue.makeOperand(rows: rows) }

    /// - Parameters:
    ///   - visual: The videos' patches in the common space, `[videos * N, M]`.
    ///   - normed: Scratch memory, see ``makeOperand(rows:)``.
    ///   - slots: See ``makeContextSlots()``.
    func contexts(_ visual: MatrixView, normed: Operand?, into slots: inout [MatrixSlot]) -> [Context] {
        var keyValues: [Matrix] = []
        if let normed {
            self.layerNorm.apply(to: visual, into: normed, rows: 0..<visual.rows)
            for (index, layer) in self.decoder.enumerated() {
                let projection = layer.crossAttention.keyValue
                var own = slots[index].buffer(rows: visual.rows, columns: projection.outputs)
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
    /// - Parameter text: `[L, M]`.
    /// - Returns: `text + alpha * decoder(text)` of one video after the other, `[videos * L, M]`.
    func prompt(
        _ text: MatrixView, _ contexts: [Context], _ workspace: ModelWorkspace, trace: Trace? = nil
    ) -> MatrixBuffer {
        let rows = contexts.count * text.rows
        var prompted = workspace.results.promptedTexts.buffer(rows: rows, columns: text.columns)
        for video in contexts.indices {
            prompted.mutableView.rows(video * text.rows..<(video + 1) * text.rows).copy(from: text)
        }
        var x = workspace.results.prompts.buffer(rows: rows, columns: text.columns)
        x.mutableView.copy(from: prompted.view)
        if let scratch = workspace.scratch(texts: rows) {
            for (index, layer) in self.decoder.enumerated() {
                layer.apply(to: &x, contexts, index, workspace: scratch)
                trace?("prompts.layers.\(index)", x.view)
            }
        }
        self.kernels.add(x.view, scaledBy: self.alpha.view, to: prompted.mutableView)
        return prompted
    }
}
