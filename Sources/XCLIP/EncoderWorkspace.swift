import GerundTensor

/// The scratch memory of a stack of encoder layers: every layer of the stack uses the same.
struct EncoderWorkspace {
    /// After a layer norm, `[rows, D]`.
    let normed: Operand
    /// `[rows, D]`.
    let queries: ScratchMatrix
    /// `[rows, 2 D]`, keys first.
    let keyValues: ScratchMatrix
    /// What attention gathered, `[rows, D]`.
    let attended: Operand
    /// Between the two layers of the MLP, `[rows, intermediate]`.
    let inner: Operand
    /// The sequences whose attention is computed together.
    let attention: MultiHeadAttention.Batch

    /// - Parameters:
    ///   - rows: Of all sequences together.
    ///   - keys: The most keys that a sequence has.
    ///   - selfAttention: Of one of the layers; they are all of a kind.
    init(rows: Int, keys: Int, _ selfAttention: Attention, _ mlp: MLP) {
        let size = selfAttention.query.outputs
        self.normed = selfAttention.query.makeOperand(rows: rows)
        self.queries = ScratchMatrix(rows: rows, columns: size)
        self.keyValues = ScratchMatrix(rows: rows, columns: 2 * size)
        self.attended = selfAttention.out.makeOperand(rows: rows)
        self.inner = mlp.fc2.makeOperand(rows: rows)
        self.attention = selfAttention.core.makeBatch(keys: keys)
    }
}
