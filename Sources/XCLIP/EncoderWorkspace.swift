import GerundTensor

/// The scratch memory of a stack of encoder layers: every layer of the stack uses the same.
struct EncoderWorkspace {
    /// After a layer norm, `[rows, D]`.
    let normed: ScratchMatrix
    /// `[rows, D]`.
    let queries: ScratchMatrix
    /// `[rows, 2 D]`, keys first.
    let keyValues: ScratchMatrix
    /// What attention gathered, `[rows, D]`.
    let attended: ScratchMatrix
    /// Between the two layers of the MLP, `[rows, intermediate]`.
    let inner: ScratchMatrix
    /// One head's attention weights, `[queries, keys]` of the longest sequence.
    let scores: ScratchMatrix

    /// - Parameters:
    ///   - rows: Of all sequences together.
    ///   - keys: The most keys that a sequence has.
    init(rows: Int, keys: Int, encoder: Configuration.Encoder) {
        self.normed = ScratchMatrix(rows: rows, columns: encoder.hiddenSize)
        self.queries = ScratchMatrix(rows: rows, columns: encoder.hiddenSize)
        self.keyValues = ScratchMatrix(rows: rows, columns: 2 * encoder.hiddenSize)
        self.attended = ScratchMatrix(rows: rows, columns: encoder.hiddenSize)
        self.inner = ScratchMatrix(rows: rows, columns: encoder.intermediateSize)
        self.scores = ScratchMatrix(rows: keys, columns: keys)
    }
}
