import GerundTensor

/// Multi-head attention with its projections (HF: `XCLIPAttention`, `XCLIPCrossAttention`).
///
/// Q = queries, K = keys, D = width. Keys and values come from one matrix product, side by side, `[K, 2 D]`: rows
/// that are only attended to, such as messages, need nothing else.
struct Attention: Sendable {
    var query: Linear
    var keyValue: Linear
    let core: MultiHeadAttention
    var out: Linear

    /// - Parameters:
    ///   - outName: What the checkpoint calls the last projection.
    ///   - bias: Whether query, key and value have one; the last projection always has.
    init(
        _ weights: WeightScope<some WeightSource>, size: Int, heads: Int, outName: String = "out_proj",
        bias: Bool = true
    ) throws(WeightError) {
        self.query = try Linear(weights.scoped("q_proj"), inputs: size, outputs: size, bias: bias)
        self.keyValue = try Linear(
            joining: [weights.scoped("k_proj"), weights.scoped("v_proj")], inputs: size, outputs: size, bias: bias)
        self.core = MultiHeadAttention(width: size, heads: heads, kernels: weights.backend.kernels)
        self.out = try Linear(weights.scoped(outName), inputs: size, outputs: size)
    }
}
