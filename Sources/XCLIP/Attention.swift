import GerundTensor

/// Multi-head attention with its projections (HF: `XCLIPAttention`, `XCLIPCrossAttention`).
///
/// Q = queries, K = keys, D = width. Keys and values come from one matrix multiplication, side by side, `[K, 2 D]`:
/// rows that are only attended to, such as messages, need nothing else.
struct Attention: Sendable {
    /// The projection of queries, D to D (HF: `q_proj`).
    var query: Linear
    /// The projections of keys and values, D to 2 D (HF: `k_proj`, `v_proj`).
    var keyValue: Linear
    /// The attention itself, between the projections.
    let attention: MultiHeadAttention
    /// The projection of the result, D to D (HF: `out_proj`; `proj` in the prompts).
    var outProjection: Linear

    /// Loads the projections.
    ///
    /// - Parameters:
    ///   - weights: The scope of the attention in the checkpoint.
    ///   - size: The width (D).
    ///   - heads: The number of attention heads.
    ///   - outputName: The name of the last projection in the checkpoint.
    ///   - bias: Whether query, key and value have a bias; the last projection always has one.
    /// - Throws: `WeightError` for the first tensor that is missing or of another shape.
    init(
        _ weights: ParameterScope<some WeightSource>, size: Int, heads: Int, outputName: String = "out_proj",
        bias: Bool = true
    ) throws(WeightError) {
        self.query = try Linear(weights.scoped("q_proj"), inputFeatures: size, outputFeatures: size, bias: bias)
        self.keyValue = try Linear(
            concatenating: [weights.scoped("k_proj"), weights.scoped("v_proj")], inputFeatures: size,
            outputFeatures: size, bias: bias)
        self.attention = MultiHeadAttention(width: size, heads: heads, kernels: weights.backend.kernels)
        self.outProjection = try Linear(weights.scoped(outputName), inputFeatures: size, outputFeatures: size)
    }
}
