import CGerundKernels

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

    /// Several sequences whose attention is computed together: gathered, then computed, then forgotten.
    ///
    /// Bound to one thread at a time, hence not `Sendable`.
    @safe
    public final class Batch {
        fileprivate var sequences: [gk_attention] = unsafe []
        fileprivate let scratch: ScratchMatrix

        fileprivate init(scratch: ScratchMatrix) { self.scratch = scratch }
    }

    /// Memory for attention over at most so many keys.
    public func makeBatch(keys: Int) -> Batch {
        Batch(scratch: ScratchMatrix(rows: self.kernels.pool?.threadCount ?? 1, columns: self.scratchSize(keys: keys)))
    }

    /// Computes the attention of one sequence; see ``add(queries:keyValues:extraKeyValues:visible:extraAttention:into:to:)``.
    public func attend(
        queries: MatrixView, keyValues: MatrixView, extraKeyValues: MatrixView? = nil,
        visible: Kernels.Visibility = .all, batch: Batch, into out: consuming MutableMatrixView
    ) {
        unsafe self.add(
            queries: queries, keyValues: keyValues, extraKeyValues: extraKeyValues, visible: visible, into: out,
            to: batch)
        self.attend(batch)
    }

    /// Computes the attention of all sequences of the batch, which is empty afterwards.
    public func attend(_ batch: Batch) {
        unsafe self.kernels.attend(batch.sequences, heads: self.heads, scratch: batch.scratch)
        unsafe batch.sequences.removeAll(keepingCapacity: true)
    }

    /// Gathers a sequence.
    ///
    /// Unsafe: the batch keeps no owner of what is passed; all of it has to stay in place until the batch is computed,
    /// and its rows be nobody else's result.
    ///
    /// - Parameters:
    ///   - queries: `[Q, D]`.
    ///   - keyValues: `[K, 2 D]`.
    ///   - extraKeyValues: More keys and values, `[K', 2 D]`, seen by every query; not with a causal mask.
    ///   - visible: Which keys a query sees.
    ///   - extraAttention: `[Q, heads]`: the weight that each query gives to the first extra key is added.
    ///   - out: `[Q, D]`.
    @unsafe
    public func add(
        queries: MatrixView, keyValues: MatrixView, extraKeyValues: MatrixView? = nil,
        visible: Kernels.Visibility = .all, extraAttention: ScratchMatrix? = nil,
        into out: consuming MutableMatrixView, to batch: Batch
    ) {
        precondition(keyValues.columns == 2 * self.width, "keys of width \(keyValues.columns)")
        let keys = unsafe Keys(
            base: UnsafeRawPointer(keyValues.base), isBFloat16: false, stride: keyValues.stride, rows: keyValues.rows)
        unsafe self.add(
            queries: queries, keys: keys, extraKeyValues: extraKeyValues, visible: visible,
            extraAttention: extraAttention, into: out, to: batch)
    }

    /// Gathers a sequence whose keys and values are kept, `[K, 2 D]`; see the one above, also for what is unsafe.
    @unsafe
    public func add(
        queries: MatrixView, keyValues: KeptRows, extraKeyValues: MatrixView? = nil,
        into out: consuming MutableMatrixView, to batch: Batch
    ) {
        precondition(keyValues.columns == 2 * self.width, "keys of width \(keyValues.columns)")
        let keys = unsafe Keys(
            base: UnsafeRawPointer(keyValues.base), isBFloat16: keyValues.isBFloat16, stride: keyValues.columns,
            rows: keyValues.rows)
        unsafe self.add(
            queries: queries, keys: keys, extraKeyValues: extraKeyValues, visible: .all, extraAttention: nil,
            into: out, to: batch)
    }

    /// Where the first block of keys is.
    @unsafe
    private struct Keys {
        let base: UnsafeRawPointer
        let isBFloat16: Bool
        let stride: Int
        let rows: Int
    }

    @unsafe
    private func add(
        queries: MatrixView, keys: Keys, extraKeyValues: MatrixView?, visible: Kernels.Visibility,
        extraAttention: ScratchMatrix?, into out: consuming MutableMatrixView, to batch: Batch
    ) {
        let (width, extra, keyRows) = unsafe (self.width, extraKeyValues?.rows ?? 0, keys.rows)
        precondition(queries.columns == width, "attention of width \(width)")
        precondition(out.rows == queries.rows && out.columns == width, "attention into [\(out.rows), \(out.columns)]")
        precondition(visible == .all || extra == 0, "extra keys with a causal mask")
        let size = self.scratchSize(keys: keyRows + extra)
        precondition(batch.scratch.columns >= size, "a batch for fewer than \(keyRows + extra) keys")
        if let extraAttention {
            precondition(
                extra > 0 && extraAttention.rows >= queries.rows && extraAttention.columns == self.heads,
                "extra attention in [\(extraAttention.rows), \(extraAttention.columns)]")
        }
        let extraStride: Int
        let extraKeys: UnsafePointer<Float>?
        if let extraKeyValues {
            precondition(extraKeyValues.columns == 2 * width, "extra keys of width \(extraKeyValues.columns)")
            unsafe extraKeys = extraKeyValues.base
            extraStride = extraKeyValues.stride
        } else {
            unsafe (extraKeys, extraStride) = (nil, 0)
        }
        let attention = unsafe gk_attention(
            queries: queries.base, query_stride: queries.stride, query_rows: queries.rows, keys: keys.base,
            keys_are_bf16: keys.isBFloat16 ? 1 : 0, key_stride: keys.stride, key_rows: keyRows, extra_keys: extraKeys,
            extra_stride: extraStride, extra_rows: extra, width: width, head_width: width / self.heads,
            scale: 1 / Float(width / self.heads).squareRoot(), is_causal: visible == .causal ? 1 : 0, out: out.base,
            out_stride: out.stride, extra_attention: extraAttention?.mutableView.base,
            extra_attention_stride: self.heads)
        unsafe batch.sequences.append(attention)
    }

    /// Whole cache lines, so that two threads never write to the same one.
    private func scratchSize(keys: Int) -> Int {
        (gk_attention_scratch(keys, self.width, self.width / self.heads) + 15) / 16 * 16
    }
}
