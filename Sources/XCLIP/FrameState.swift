package import GerundTensor

/// The cached encoder state of one frame: its embedding, which doesn't depend on the window, and, if ``cachesLayers``
/// is set, the keys and values of every layer from its last encoding.
///
/// Its memory is allocated once and reused for one frame after another. Not `Sendable`: only one thread may use it at a
/// time.
///
/// P = tokens per frame, D = `hiddenSize`, M = `projectionSize`, L = layers.
public final class FrameState {
    /// The hidden states after the first layer, `[P, D]`.
    ///
    /// They don't depend on the window: the class token enters that layer with the same value in every frame, so that
    /// its messages are a constant.
    let embedding: ScratchMatrix
    /// The second layer's queries, `[P, D]`; they follow from ``embedding``.
    let queries: ScratchMatrix
    /// The second layer's keys and values, `[P, 2 D]`; they follow from ``embedding``.
    ///
    /// `nil` in a model of one layer.
    let keyValues: ScratchMatrix?
    /// The keys and values of the frame's own tokens in each layer from the third on, `[P, 2 D]` each; empty if
    /// ``cachesLayers`` is `false`.
    let layerKeyValues: [KeyValueCache]
    /// The keys and values of the frame's message in each layer from the second on, `[L - 1, 2 D]`.
    let messageKeyValues: ScratchMatrix
    /// The hidden states after the last layer and the prompts' layer norm, `[P, D]`; the class token's row is not used
    /// (HF: `img_features`, before its projection).
    let patchFeatures: ScratchMatrix
    /// The class token in the joint embedding space, `[1, M]`, before the multi-frame integration (HF: `cls_features`).
    let classFeatures: ScratchMatrix
    /// The attention weights of the frame's tokens on the message, summed over layers, `[P, heads]`.
    let messageAttention: ScratchMatrix
    /// The tokens in the order in which they are refreshed: the class token, then those that attended most to the
    /// message.
    var refreshOrder: [Int]
    /// A Boolean value that indicates whether the state of the layers is present, so that the next window can refresh a
    /// part of the tokens.
    public internal(set) var hasLayerCache = false

    /// A Boolean value that indicates whether the state of the layers is kept after an encoding.
    public let cachesLayers: Bool

    /// Creates the state of a frame; see ``XCLIPModel/makeFrameState(cachesLayers:)``.
    ///
    /// - Parameters:
    ///   - configuration: The sizes of the model.
    ///   - cachesLayers: Whether the state of the layers is kept after an encoding.
    ///   - elementType: The element type of the matrix multiplications that compute keys and values.
    package init(_ configuration: XCLIPConfiguration, cachesLayers: Bool, elementType: ElementType) {
        let (vision, layers) = (configuration.vision, configuration.vision.encoder.layerCount - 1)
        let (tokens, size) = (vision.tokenCount, vision.encoder.hiddenSize)
        self.cachesLayers = cachesLayers
        self.embedding = ScratchMatrix(rows: tokens, columns: size)
        self.queries = ScratchMatrix(rows: tokens, columns: size)
        self.keyValues = layers > 0 ? ScratchMatrix(rows: tokens, columns: 2 * size) : nil
        self.layerKeyValues = KeyValueCache.makeCaches(
            count: cachesLayers ? max(0, layers - 1) : 0, rows: tokens, columns: 2 * size, for: elementType)
        self.messageKeyValues = ScratchMatrix(rows: layers, columns: 2 * size)
        self.patchFeatures = ScratchMatrix(rows: tokens, columns: size)
        self.classFeatures = ScratchMatrix(rows: 1, columns: configuration.projectionSize)
        self.messageAttention = ScratchMatrix(rows: tokens, columns: vision.encoder.headCount)
        self.refreshOrder = Array(0..<tokens)
    }

    /// Copies the embedding of another frame.
    ///
    /// This state can then be encoded exactly while the other one keeps its cached layers.
    ///
    /// - Parameter other: The state to copy from, of the same model.
    public func copyEmbedding(of other: FrameState) {
        let rows = 0..<self.embedding.rows
        self.embedding.copy(rows, of: other.embedding, to: rows)
        self.queries.copy(rows, of: other.queries, to: rows)
        if let own = self.keyValues, let others = other.keyValues { own.copy(rows, of: others, to: rows) }
        self.hasLayerCache = false
    }

    /// The elements of the embedding, for tests.
    package var embeddingElements: [Float] { self.embedding.elements }

    /// The size of this state in memory, in bytes.
    public var byteCount: Int {
        let matrices = [
            self.embedding, self.queries, self.keyValues, self.messageKeyValues, self.patchFeatures, self.classFeatures,
            self.messageAttention,
        ].compactMap(\.self)
        return matrices.reduce(0) { $0 + $1.rows * $1.columns } * MemoryLayout<Float>.stride
            + self.layerKeyValues.reduce(0) { $0 + $1.byteCount }
    }

    /// Sorts ``refreshOrder`` by the attention on the message in the last encoding.
    func sortRefreshOrder() {
        let (heads, parts) = (self.messageAttention.columns, self.messageAttention.elements)
        var weights = self.refreshOrder.indices.map { token in
            parts[token * heads..<(token + 1) * heads].reduce(0, +)
        }
        weights[0] = .infinity
        // Equal weights keep their order, so that two runs refresh the same tokens.
        self.refreshOrder.sort { weights[$0] != weights[$1] ? weights[$0] > weights[$1] : $0 < $1 }
    }
}
