import GerundTensor

/// The text encoder: token ids in, one row a text out (HF: `XCLIPTextModel`).
///
/// D = `hiddenSize`. A text is summed up by the row of its end token; rows see only what precedes them, so tokens after
/// the end, padding included, change nothing and are not computed.
struct TextTransformer: Sendable {
    /// `[vocabulary, D]`.
    private let tokenEmbedding: Matrix
    /// `[positions, D]`.
    private let positionEmbedding: Matrix
    private let layers: [EncoderLayer]
    private let finalLayerNorm: LayerNorm
    private let encoder: Configuration.Encoder
    private let kernels: Kernels

    /// How many rows go through the layers together: enough to use the machine, few enough to bound the memory.
    private static let rowLimit = 512

    init(_ weights: WeightScope<some WeightSource>, _ text: Configuration.Text) throws(WeightError) {
        let size = text.encoder.hiddenSize
        self.encoder = text.encoder
        self.kernels = weights.backend.kernels
        let embeddings = weights.scoped("embeddings")
        self.tokenEmbedding = try embeddings.matrix(
            "token_embedding.weight", shape: [text.vocabularySize, size], rows: text.vocabularySize)
        self.positionEmbedding = try embeddings.matrix(
            "position_embedding.weight", shape: [text.positionCount, size], rows: text.positionCount)
        var layers: [EncoderLayer] = []
        for index in 0..<text.encoder.layerCount {
            layers.append(try EncoderLayer(weights.scoped("encoder.layers.\(index)"), text.encoder))
        }
        self.layers = layers
        self.finalLayerNorm = try LayerNorm(
            weights.scoped("final_layer_norm"), size: size, epsilon: text.encoder.layerNormEpsilon)
    }

    /// - Parameter texts: Each text's token ids; at least one id, at most as many as there are positions.
    /// - Returns: `[texts, D]`.
    func callAsFunction(_ texts: [[Int32]], trace: Trace? = nil) -> MatrixBuffer {
        var pooled = MatrixBuffer(rows: texts.count, columns: self.encoder.hiddenSize)
        var first = 0
        while first < texts.count {
            var (end, rows) = (first, 0)
            while end < texts.count {
                let length = Self.endPosition(of: texts[end]) + 1
                if end > first && rows + length > Self.rowLimit { break }
                (end, rows) = (end + 1, rows + length)
            }
            self.encode(texts[first..<end], into: pooled.mutableView.rows(first..<end), trace: trace)
            first = end
        }
        return pooled
    }

    /// The position that sums up a text: the first with the highest id, which is CLIP's end token.
    ///
    /// The reference does this whatever `eos_token_id` says (HF: `XCLIPTextModel`, "legacy behaviour").
    static func endPosition(of tokens: [Int32]) -> Int {
        precondition(!tokens.isEmpty, "a text without tokens")
        var position = 0
        for index in tokens.indices where tokens[index] > tokens[position] { position = index }
        return position
    }

    private func encode(_ texts: ArraySlice<[Int32]>, into pooled: consuming MutableMatrixView, trace: Trace?) {
        var sequences: [Range<Int>] = []
        for text in texts {
            let start = sequences.last?.upperBound ?? 0
            sequences.append(start..<start + Self.endPosition(of: text) + 1)
        }
        let rows = sequences.last?.upperBound ?? 0
        var x = MatrixBuffer(rows: rows, columns: self.encoder.hiddenSize)
        for (text, sequence) in zip(texts, sequences) {
            precondition(sequence.count <= self.positionEmbedding.rows, "a text of \(sequence.count) tokens")
            for (row, token) in zip(sequence, text) {
                let token = Int(token)
                x.mutableView.rows(row..<row + 1).copy(from: self.tokenEmbedding.view.rows(token..<token + 1))
            }
            self.kernels.add(
                self.positionEmbedding.view.rows(0..<sequence.count), to: x.mutableView.rows(sequence))
        }
        trace?("text.embeddings", x.view)
        let keys = sequences.map(\.count).max() ?? 0
        if let workspace = self.layers.first?.makeWorkspace(rows: rows, keys: keys) {
            for (index, layer) in self.layers.enumerated() {
                layer.apply(to: &x, sequences: sequences, visible: .causal, workspace: workspace)
                trace?("text.layers.\(index)", x.view)
            }
        }
        var pooled = pooled
        for (index, sequence) in sequences.enumerated() {
            self.finalLayerNorm.apply(
                to: x.view.rows(sequence.upperBound - 1..<sequence.upperBound),
                into: pooled.reborrow().rows(index..<index + 1))
        }
    }
}
