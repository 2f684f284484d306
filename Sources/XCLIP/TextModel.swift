import GerundTensor

/// The text encoder with its projection (HF: `XCLIPTextModel`), a third of a model's weights.
///
/// A stream needs them when it starts and when its labels change; so they stay where they are stored until texts are
/// encoded, and then are in memory a layer at a time. See ``TextEncoding``.
struct TextModel: Sendable {
    let configuration: Configuration.Text
    let kernels: Kernels
    /// `[tokens, D]`.
    let tokenEmbeddings: @Sendable (_ tokens: [Int32]) throws(WeightError) -> MatrixBuffer
    /// `[positions, D]`.
    let positionEmbedding: @Sendable () throws(WeightError) -> Matrix
    let layer: @Sendable (_ index: Int) throws(WeightError) -> EncoderLayer
    let finalLayerNorm: @Sendable () throws(WeightError) -> LayerNorm
    /// From D to the width of the common space.
    let projection: @Sendable () throws(WeightError) -> Linear

    /// - Throws: What is wrong with any of the weights, although none is read yet.
    init(_ weights: WeightScope<some WeightSource>, _ configuration: Configuration) throws(WeightError) {
        try TextModel(unchecked: weights.unread, configuration).check()
        self.init(unchecked: weights, configuration)
    }

    private init(unchecked weights: WeightScope<some WeightSource>, _ configuration: Configuration) {
        let (text, size) = (configuration.text, configuration.text.encoder.hiddenSize)
        let model = weights.scoped("text_model")
        let embeddings = model.scoped("embeddings")
        self.configuration = text
        self.kernels = weights.backend.kernels
        self.tokenEmbeddings = { tokens throws(WeightError) in
            try embeddings.rows(tokens, of: "token_embedding.weight", shape: (text.vocabularySize, size))
        }
        self.positionEmbedding = { () throws(WeightError) in
            try embeddings.matrix(
                "position_embedding.weight", shape: [text.positionCount, size], rows: text.positionCount)
        }
        self.layer = { index throws(WeightError) in
            try EncoderLayer(model.scoped("encoder.layers.\(index)"), text.encoder)
        }
        self.finalLayerNorm = { () throws(WeightError) in
            try LayerNorm(model.scoped("final_layer_norm"), size: size, epsilon: text.encoder.layerNormEpsilon)
        }
        self.projection = { () throws(WeightError) in
            try Linear(
                weights.scoped("text_projection"), inputs: size, outputs: configuration.projectionSize, bias: false)
        }
    }

    private func check() throws(WeightError) {
        _ = try self.tokenEmbeddings([])
        _ = try self.positionEmbedding()
        for index in 0..<self.configuration.encoder.layerCount { _ = try self.layer(index) }
        _ = try self.finalLayerNorm()
        _ = try self.projection()
    }
}
