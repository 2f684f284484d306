/// Scaled dot-product attention in several heads, between projections: `softmax(q k^T / sqrt(d)) v` per head.
///
/// Q = queries, K = keys, D = width. Keys and values stand side by side in one row, `[K, 2 D]`, keys first; heads are
/// consecutive columns. Keys may come in two blocks that are stored apart, as when rows of a frame meet a message from
/// elsewhere: the softmax runs over both.
public struct MultiHeadAttention: Sendable {
    public let width: Int
    public let heads: Int
    private let kernels: Kernels

    public init(width: Int, heads: Int, kernels: Kernels) {
        precondition(heads > 0 && width > 0 && width % heads == 0, "\(width) columns in \(heads) heads")
        self.width = width
        self.heads = heads
        self.kernels = kernels
    }

    /// - Parameters:
    ///   - queries: `[Q, D]`.
    ///   - keyValues: `[K, 2 D]`.
    ///   - extraKeyValues: More keys and values, `[K', 2 D]`, seen by every query; not with a causal mask.
    ///   - visible: Which keys a query sees.
    ///   - scores: Scratch of at least `[Q, K + K']`.
    ///   - extraAttention: `[Q, 1]`: the weight that each query gives to the first extra key is added to it, summed
    ///     over the heads.
    ///   - out: `[Q, D]`.
    public func attend(
        queries: MatrixView, keyValues: MatrixView, extraKeyValues: MatrixView? = nil,
        visible: Kernels.Visibility = .all, scores: ScratchMatrix, extraAttention: ScratchMatrix? = nil,
        into out: consuming MutableMatrixView
    ) {
        var out = out
        let (count, width) = (keyValues.rows, self.width)
        let extra = extraKeyValues?.rows ?? 0
        precondition(queries.columns == width && keyValues.columns == 2 * width, "attention of width \(width)")
        precondition(out.rows == queries.rows && out.columns == width, "attention into [\(out.rows), \(out.columns)]")
        let headWidth = width / self.heads
        let scale = 1 / Float(headWidth).squareRoot()
        let (queryRows, allKeys) = (0..<queries.rows, 0..<count + extra)

        for head in 0..<self.heads {
            let (keys, values) = (
                head * headWidth..<(head + 1) * headWidth, width + head * headWidth..<width + (head + 1) * headWidth
            )
            let query = queries.columns(keys)
            OpenBLAS.multiply(
                query, transposed: keyValues.columns(keys), alpha: scale,
                into: scores.mutableView.rows(queryRows).columns(0..<count))
            if let extraKeyValues {
                OpenBLAS.multiply(
                    query, transposed: extraKeyValues.columns(keys), alpha: scale,
                    into: scores.mutableView.rows(queryRows).columns(count..<count + extra))
            }
            self.kernels.softmax(scores.mutableView.rows(queryRows).columns(allKeys), visible: visible)
            let weights = scores.view.rows(queryRows)
            if let extraAttention {
                self.kernels.add(
                    weights.columns(count..<count + 1), to: extraAttention.mutableView.rows(queryRows))
            }
            OpenBLAS.multiply(
                weights.columns(0..<count), keyValues.columns(values), into: out.reborrow().columns(keys))
            if let extraKeyValues {
                OpenBLAS.multiply(
                    weights.columns(count..<count + extra), extraKeyValues.columns(values), beta: 1,
                    into: out.reborrow().columns(keys))
            }
        }
    }
}
