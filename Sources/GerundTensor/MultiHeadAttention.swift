import CGerundKernels

/// Scaled dot-product attention in several heads, between its projections: `softmax(q k^T / sqrt(d)) v` per head
/// (arXiv:1706.03762).
///
/// Q = queries, K = keys, M = message keys, D = width, d = D / heads. A row of keys and values is a key followed by its
/// value, `[K, 2 D]`; heads are consecutive columns. Keys may be stored in two blocks, such as the tokens of a frame
/// and the message token of X-CLIP's cross-frame attention (arXiv:2208.02816, section 3.2): the softmax runs over both.
public struct MultiHeadAttention: Sendable {
    /// The number of columns of queries, keys, values and results, D.
    public let width: Int
    /// The number of heads; divides ``width``.
    public let heads: Int
    private let kernels: Kernels

    /// Creates an attention.
    ///
    /// - Parameters:
    ///   - width: The number of columns, D.
    ///   - heads: The number of heads; divides `width`.
    ///   - kernels: The kernels that compute it.
    public init(width: Int, heads: Int, kernels: Kernels) {
        precondition(heads > 0 && width > 0 && width % heads == 0, "\(width) columns in \(heads) heads")
        self.width = width
        self.heads = heads
        self.kernels = kernels
    }

    /// Sequences whose attention is computed together, in parallel.
    ///
    /// Sequences are appended, then computed by ``MultiHeadAttention/run(_:)``, which empties the batch. Bound to one
    /// thread at a time, hence not `Sendable`.
    @safe
    public final class Batch {
        fileprivate var sequences: [gerund_attention] = unsafe []
        fileprivate let scratch: ScratchMatrix

        fileprivate init(scratch: ScratchMatrix) { self.scratch = scratch }
    }

    /// Returns an empty batch for sequences of at most `keys` keys each, message keys included.
    public func makeBatch(keys: Int) -> Batch {
        Batch(scratch: ScratchMatrix(rows: self.kernels.pool?.threadCount ?? 1, columns: self.scratchSize(keys: keys)))
    }

    /// Computes the attention of one sequence.
    ///
    /// - Parameters:
    ///   - queries: `[Q, D]`.
    ///   - keyValues: `[K, 2 D]`.
    ///   - messageKeyValues: More keys and values, `[M, 2 D]`, which every query attends to; not with a causal mask.
    ///   - mask: The keys that each query attends to.
    ///   - batch: An empty batch, which provides the scratch memory.
    ///   - out: `[Q, D]`.
    public func attend(
        queries: MatrixView, keyValues: MatrixView, messageKeyValues: MatrixView? = nil,
        mask: AttentionMask = .none, batch: Batch, into out: consuming MutableMatrixView
    ) {
        unsafe self.append(
            queries: queries, keyValues: keyValues, messageKeyValues: messageKeyValues, mask: mask, into: out,
            to: batch)
        self.run(batch)
    }

    /// Computes the attention of all sequences of a batch, and empties it.
    public func run(_ batch: Batch) {
        unsafe self.kernels.attend(batch.sequences, heads: self.heads, scratch: batch.scratch)
        unsafe batch.sequences.removeAll(keepingCapacity: true)
    }

    /// Appends a sequence to a batch.
    ///
    /// Unsafe: the batch doesn't retain the owners of the matrices. All of them must stay alive and unchanged until the
    /// batch has run, and no other sequence may write the rows of `out`.
    ///
    /// - Parameters:
    ///   - queries: `[Q, D]`.
    ///   - keyValues: `[K, 2 D]`.
    ///   - messageKeyValues: More keys and values, `[M, 2 D]`, which every query attends to; not with a causal mask.
    ///   - mask: The keys that each query attends to.
    ///   - messageAttention: `[Q, heads]`, or `nil`: the weight that each query gives to the first message key is added
    ///     to it.
    ///   - out: `[Q, D]`.
    ///   - batch: The batch.
    @unsafe
    public func append(
        queries: MatrixView, keyValues: MatrixView, messageKeyValues: MatrixView? = nil,
        mask: AttentionMask = .none, messageAttention: ScratchMatrix? = nil,
        into out: consuming MutableMatrixView, to batch: Batch
    ) {
        precondition(keyValues.columns == 2 * self.width, "keys of width \(keyValues.columns)")
        let keys = unsafe Keys(
            base: UnsafeRawPointer(keyValues.base), isBFloat16: false, stride: keyValues.stride, rows: keyValues.rows)
        unsafe self.append(
            queries: queries, keys: keys, messageKeyValues: messageKeyValues, mask: mask,
            messageAttention: messageAttention, into: out, to: batch)
    }

    /// Appends a sequence with cached keys and values to a batch.
    ///
    /// Unsafe: the batch doesn't retain the owners of the matrices. All of them must stay alive and unchanged until the
    /// batch has run, and no other sequence may write the rows of `out`.
    ///
    /// - Parameters:
    ///   - queries: `[Q, D]`.
    ///   - keyValues: `[K, 2 D]`.
    ///   - messageKeyValues: More keys and values, `[M, 2 D]`.
    ///   - out: `[Q, D]`.
    ///   - batch: The batch.
    @unsafe
    public func append(
        queries: MatrixView, keyValues: KeyValueCache, messageKeyValues: MatrixView? = nil,
        into out: consuming MutableMatrixView, to batch: Batch
    ) {
        precondition(keyValues.columns == 2 * self.width, "keys of width \(keyValues.columns)")
        let keys = unsafe Keys(
            base: UnsafeRawPointer(keyValues.base), isBFloat16: keyValues.isBFloat16, stride: keyValues.columns,
            rows: keyValues.rows)
        unsafe self.append(
            queries: queries, keys: keys, messageKeyValues: messageKeyValues, mask: .none, messageAttention: nil,
            into: out, to: batch)
    }

    /// The memory of the first block of keys and values.
    @unsafe
    private struct Keys {
        let base: UnsafeRawPointer
        let isBFloat16: Bool
        let stride: Int
        let rows: Int
    }

    @unsafe
    private func append(
        queries: MatrixView, keys: Keys, messageKeyValues: MatrixView?, mask: AttentionMask,
        messageAttention: ScratchMatrix?, into out: consuming MutableMatrixView, to batch: Batch
    ) {
        let (width, messages, keyRows) = unsafe (self.width, messageKeyValues?.rows ?? 0, keys.rows)
        precondition(queries.columns == width, "attention of width \(width)")
        precondition(out.rows == queries.rows && out.columns == width, "attention into [\(out.rows), \(out.columns)]")
        precondition(mask == .none || messages == 0, "message keys with a causal mask")
        let size = self.scratchSize(keys: keyRows + messages)
        precondition(batch.scratch.columns >= size, "the batch is for fewer than \(keyRows + messages) keys")
        if let messageAttention {
            precondition(
                messages > 0 && messageAttention.rows >= queries.rows && messageAttention.columns == self.heads,
                "message attention in [\(messageAttention.rows), \(messageAttention.columns)]")
        }
        let messageStride: Int
        let messageKeys: UnsafePointer<Float>?
        if let messageKeyValues {
            precondition(messageKeyValues.columns == 2 * width, "message keys of width \(messageKeyValues.columns)")
            unsafe messageKeys = messageKeyValues.base
            messageStride = messageKeyValues.stride
        } else {
            unsafe (messageKeys, messageStride) = (nil, 0)
        }
        let attention = unsafe gerund_attention(
            queries: queries.base, query_stride: queries.stride, query_rows: queries.rows, keys: keys.base,
            keys_are_bf16: keys.isBFloat16 ? 1 : 0, key_stride: keys.stride, key_rows: keyRows,
            message_keys: messageKeys, message_stride: messageStride, message_rows: messages, width: width,
            head_width: width / self.heads, scale: 1 / Float(width / self.heads).squareRoot(),
            is_causal: mask == .causal ? 1 : 0, out: out.base, out_stride: out.stride,
            message_attention: messageAttention?.mutableView.base, message_attention_stride: self.heads)
        unsafe batch.sequences.append(attention)
    }

    /// The size of one thread's scratch memory, rounded up to whole cache lines so that two threads never write to the
    /// same one.
    private func scratchSize(keys: Int) -> Int {
        (gerund_attention_scratch_count(keys, self.width, self.width / self.heads) + 15) / 16 * 16
    }
}
