import GerundTensor

/// The text encoder with its projection, a third of a model's weights (CLIP, arXiv:2103.00020, section 2.4; HF:
/// `XCLIPTextModel`).
///
/// Its weights are read on demand: a stream needs them only at the start and when labels change, so they stay where
/// they are stored, and are in memory one layer at a time while texts are encoded. See ``IncrementalTextEncoder``.
///
/// D = `hiddenSize`, M = `projectionSize`.
struct TextModel: Sendable {
    /// The sizes of the text encoder.
    let configuration: XCLIPConfiguration.Text
    let kernels: Kernels
    /// Reads the embeddings of tokens, `[tokens, D]`.
    let tokenEmbeddings: @Sendable (_ tokens: [Int32]) throws(WeightError) -> MatrixBuffer
    /// Reads the embeddings of all positions, `[positions, D]`.
    let positionEmbedding: @Sendable () throws(WeightError) -> Matrix
    /// Loads one transformer layer.
    let layer: @Sendable (_ index: Int) throws(WeightError) -> EncoderLayer
    /// Loads the layer norm after the last layer.
    let finalLayerNorm: @Sendable () throws(WeightError) -> LayerNorm
    /// Loads the projection from D to M.
    let projection: @Sendable () throws(WeightError) -> Linear

    /// Checks the weights; reads none of them yet.
    ///
    /// - Parameters:
    ///   - weights: The scope of the whole model in the checkpoint.
    ///   - configuration: The sizes of the model.
    /// - Throws: `WeightError` for the first tensor that is missing or of another shape.
    init(_ weights: ParameterScope<some WeightSource>, _ configuration: XCLIPConfiguration) throws(WeightError) {
        try TextModel(lazily: weights.validationOnly, configuration).validate()
        self.init(lazily: weights, configuration)
    }

    private init(lazily weights: ParameterScope<some WeightSource>, _ configuration: XCLIPConfiguration) {
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
                weights.scoped("text_projection"), inputFeatures: size, outputFeatures: configuration.projectionSize,
                bias: false)
        }
    }

    private func validate() throws(WeightError) {
        _ = try self.tokenEmbeddings([])
        _ = try self.positionEmbedding()
        for index in 0..<self.configuration.encoder.layerCount { _ = try self.layer(index) }
        _ = try self.finalLayerNorm()
        _ = try self.projection()
    }
}
