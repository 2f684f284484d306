package import GerundTensor

/// What the vision encoder knows of one frame: what follows from the frame alone and, where it is to be encoded in
/// passing from window to window, what each layer made of it when it was last looked at.
///
/// Memory that is allocated once and used for one frame after another. Bound to one thread at a time, hence not
/// `Sendable`. P = tokens of a frame, D = `hiddenSize`, M = `projectionSize`, L = layers.
public final class FrameState {
    /// The rows after the first layer, `[P, D]`: the class token enters that layer the same in every frame, so its
    /// messages are a constant and nothing in it depends on the window.
    let embedding: ScratchMatrix
    /// The second layer's queries, `[P, D]`, as independent of the window as what they are made of.
    let queries: ScratchMatrix
    /// The second layer's keys and values, `[P, 2 D]`, likewise; `nil` in a model of one layer.
    let keyValues: ScratchMatrix?
    /// Keys and values of the frame's own rows in each layer from the third on, `[P, 2 D]`; none without
    /// ``keepsLayers``.
    let keptKeyValues: [KeptRows]
    /// Keys and values of the frame's message in each layer from the second on, `[L - 1, 2 D]`.
    let messageKeyValues: ScratchMatrix
    /// The rows after the last layer as the prompts take them: normalised, `[P, D]`. The class token's is not used.
    let visual: ScratchMatrix
    /// The class token in the common space, `[1, M]`, before the frames are integrated.
    let projected: ScratchMatrix
    /// How much the frame's rows attended to the message, summed over layers, `[P, heads]`.
    let messageAttention: ScratchMatrix
    /// Which rows to refresh first: the class token, then those that attended most to the message.
    var refreshOrder: [Int]
    /// Whether the layers' part is there.
    public internal(set) var isEncoded = false

    /// Whether the layers' part is kept, so that a later window can refresh a part of the rows.
    public let keepsLayers: Bool

    /// See ``XCLIPModel/makeFrameState(keepsLayers:)``.
    ///
    /// - Parameter format: Of the products that make the keys and values.
    package init(_ configuration: Configuration, keepsLayers: Bool, format: NumberFormat) {
        let (vision, layers) = (configuration.vision, configuration.vision.encoder.layerCount - 1)
        let (tokens, size) = (vision.tokenCount, vision.encoder.hiddenSize)
        self.keepsLayers = keepsLayers
        self.embedding = ScratchMatrix(rows: tokens, columns: size)
        self.queries = ScratchMatrix(rows: tokens, columns: size)
        self.keyValues = layers > 0 ? ScratchMatrix(rows: tokens, columns: 2 * size) : nil
        self.keptKeyValues = KeptRows.stack(
            of: keepsLayers ? max(0, layers - 1) : 0, rows: tokens, columns: 2 * size, for: format)
        self.messageKeyValues = ScratchMatrix(rows: layers, columns: 2 * size)
        self.visual = ScratchMatrix(rows: tokens, columns: size)
        self.projected = ScratchMatrix(rows: 1, columns: configuration.projectionSize)
        self.messageAttention = ScratchMatrix(rows: tokens, columns: vision.encoder.headCount)
        self.refreshOrder = Array(0..<tokens)
    }

    /// Takes over what follows from another frame alone: this one can then be encoded exactly while the other goes on
    /// from where it is.
    public func copyEmbedding(of other: FrameState) {
        let rows = 0..<self.embedding.rows
        self.embedding.copy(rows, of: other.embedding, to: rows)
        self.queries.copy(rows, of: other.queries, to: rows)
        if let own = self.keyValues, let others = other.keyValues { own.copy(rows, of: others, to: rows) }
        self.isEncoded = false
    }

    /// The rows after the first layer, for tests.
    package var rows: [Float] { self.embedding.elements }

    /// What one of these occupies.
    public var byteCount: Int {
        let matrices = [
            self.embedding, self.queries, self.keyValues, self.messageKeyValues, self.visual, self.projected,
            self.messageAttention,
        ].compactMap(\.self)
        return matrices.reduce(0) { $0 + $1.rows * $1.columns } * MemoryLayout<Float>.stride
            + self.keptKeyValues.reduce(0) { $0 + $1.byteCount }
    }

    /// Puts the rows that heard most of the message first, behind the class token.
    func orderRows() {
        let (heads, parts) = (self.messageAttention.columns, self.messageAttention.elements)
        var weights = self.refreshOrder.indices.map { row in
            parts[row * heads..<(row + 1) * heads].reduce(0, +)
        }
        weights[0] = .infinity
        // Equal weights keep their order, so that two runs refresh the same rows.
        self.refreshOrder.sort { weights[$0] != weights[$1] ? weights[$0] > weights[$1] : $0 < $1 }
    }
}
