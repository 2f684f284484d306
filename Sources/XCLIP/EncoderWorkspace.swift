import GerundTensor

/// The scratch memory of a stack of encoder layers, shared by all layers of the stack.
///
/// D = width of a token.
struct EncoderWorkspace {
    /// The output of a layer norm, `[rows, D]`.
    let normed: LinearInput
    /// The queries, `[rows, D]`.
    let queries: ScratchMatrix
    /// The keys and values, `[rows, 2 D]`, keys first.
    let keyValues: ScratchMatrix
    /// The output of the attention, `[rows, D]`.
    let attended: LinearInput
    /// The hidden values of the MLP, `[rows, intermediate]`.
    let inner: LinearInput
    /// The sequences whose attention is computed together.
    let attention: MultiHeadAttention.Batch

    /// Allocates the memory.
    ///
    /// - Parameters:
    ///   - rows: The maximum number of rows of all sequences together.
    ///   - keys: The maximum number of keys of a sequence.
    ///   - selfAttention: The attention of one of the layers, which are all alike.
    ///   - mlp: The MLP of the same layer.
    init(rows: Int, keys: Int, selfAttention: Attention, mlp: MLP) {
        let size = selfAttention.query.outputFeatures
        self.normed = selfAttention.query.makeInput(rows: rows)
        self.queries = ScratchMatrix(rows: rows, columns: size)
        self.keyValues = ScratchMatrix(rows: rows, columns: 2 * size)
        self.attended = selfAttention.outProjection.makeInput(rows: rows)
        self.inner = mlp.fc2.makeInput(rows: rows)
        self.attention = selfAttention.attention.makeBatch(keys: keys)
    }
}
