import GerundTensor

/// One block of the cross-frame communication transformer (HF: `XCLIPVisionEncoderLayer`).
///
/// T = frames of a window, P = tokens of a frame, D = `hiddenSize`. The class tokens are the only rows through which
/// frames hear of each other.
///
///     message = exchange(x[:, 0, :])                            // [T, D], see MessageExchange
///     x      += selfAttention(layerNorm1(x ++ message))[:P]     // [T, P, D]; messages are keys and values only
///     x      += mlp(layerNorm2(x))
///
/// A pass computes some rows of some frames, as its ``RefreshPlan`` says; the others' keys and values are those that
/// their frames keep from earlier passes.
struct VisionEncoderLayer: Sendable {
    private var selfAttention: Attention
    private let layerNorm1, layerNorm2: LayerNorm
    private var mlp: MLP
    private let kernels: Kernels

    init(
        _ weights: WeightScope<some WeightSource>, _ encoder: Configuration.Encoder
    ) throws(WeightError) {
        let (size, heads, epsilon) = (encoder.hiddenSize, encoder.headCount, encoder.layerNormEpsilon)
        self.kernels = weights.backend.kernels
        self.selfAttention = try Attention(weights.robust.scoped("self_attn"), size: size, heads: heads)
        self.layerNorm1 = try LayerNorm(weights.scoped("layer_norm1"), size: size, epsilon: epsilon)
        self.layerNorm2 = try LayerNorm(weights.scoped("layer_norm2"), size: size, epsilon: epsilon)
        self.mlp = try MLP(
            weights.robust.scoped("mlp"), size: size, intermediate: encoder.intermediateSize,
            activation: encoder.activation)
    }

    /// The same layer, which fetches the weights of the exchange after it: that has a row a frame only, and would
    /// wait for them.
    func fetching(_ exchange: MessageExchange) -> VisionEncoderLayer {
        var layer = self
        layer.selfAttention.query = self.selfAttention.query.fetching(exchange.fc)
        layer.selfAttention.out = self.selfAttention.out.fetching(exchange.attention.query)
        layer.mlp.fc1 = self.mlp.fc1.fetching(exchange.attention.keyValue)
        layer.mlp.fc2 = self.mlp.fc2.fetching(exchange.attention.out)
        return layer
    }

    /// The same layer, which fetches the weights of a layer of the multi-frame integration, likewise.
    func fetching(_ integration: EncoderLayer) -> VisionEncoderLayer {
        var layer = self
        layer.selfAttention.query = self.selfAttention.query.fetching(integration.selfAttention.query)
        layer.selfAttention.keyValue = self.selfAttention.keyValue.fetching(integration.selfAttention.keyValue)
        layer.selfAttention.out = self.selfAttention.out.fetching(integration.selfAttention.out)
        layer.mlp.fc1 = self.mlp.fc1.fetching(integration.mlp.fc1)
        layer.mlp.fc2 = self.mlp.fc2.fetching(integration.mlp.fc2)
        return layer
    }

    /// Keys and values of messages, `[messages, 2 D]`.
    func keyValues(ofMessages messages: MatrixView) -> Matrix {
        Matrix(self.selfAttention.keyValue(self.layerNorm1(messages).view))
    }

    /// The first layer, whose message is a constant: frame by frame, all rows.
    ///
    /// - Parameters:
    ///   - rows: Of the scratch `x`; become the layer's output.
    ///   - message: Keys and values of the message, `[1, 2 D]`.
    func apply(toFramesIn rows: Range<Int>, tokens: Int, message: MatrixView, _ scratch: VisionScratch) {
        let layer = scratch.layer
        self.project(rows, scratch)
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: tokens) {
            let own = first..<first + tokens
            unsafe self.selfAttention.core.add(
                queries: layer.queries.view.rows(own), keyValues: layer.keyValues.view.rows(own),
                extraKeyValues: message, into: layer.attended.staged(own), to: layer.attention)
        }
        self.selfAttention.core.attend(layer.attention)
        self.finish(rows, scratch)
    }

    /// Queries, keys and values of rows of the scratch `x`.
    func project(_ rows: Range<Int>, _ scratch: VisionScratch) {
        let layer = scratch.layer
        self.layerNorm1.apply(to: scratch.x.view.rows(rows), into: layer.normed, rows: rows)
        self.selfAttention.query.apply(to: layer.normed, rows: rows, into: layer.queries.mutableView.rows(rows))
        self.selfAttention.keyValue.apply(to: layer.normed, rows: rows, into: layer.keyValues.mutableView.rows(rows))
    }

    /// A later layer, for the rows of a pass, whose frames have exchanged their messages.
    ///
    /// - Parameters:
    ///   - index: Which layer this is, counted from the second as 0: the rows of that one were projected when their
    ///     frames were embedded.
    ///   - plan: The rows are the first of the scratch `x`; they become the layer's output.
    func apply(_ index: Int, _ plan: RefreshPlan, _ scratch: VisionScratch) {
        let layer = scratch.layer
        let rows = 0..<plan.rowCount
        let messageRows = plan.rowCount..<plan.rowCount + plan.frames.count
        // Message rows stand below the frames' rows: keys and values of all are one product.
        let messages = scratch.messages.view.rows(0..<plan.frames.count)
        self.layerNorm1.apply(to: messages, into: layer.normed, rows: messageRows)
        if index == 0 {
            for frame in plan.frames { frame.gather(from: frame.state.queries, into: layer.queries) }
            self.selfAttention.keyValue.apply(
                to: layer.normed, rows: messageRows, into: layer.keyValues.mutableView.rows(messageRows))
        } else {
            let all = rows.lowerBound..<messageRows.upperBound
            self.layerNorm1.apply(to: scratch.x.view.rows(rows), into: layer.normed, rows: rows)
            self.selfAttention.query.apply(to: layer.normed, rows: rows, into: layer.queries.mutableView.rows(rows))
            self.selfAttention.keyValue.apply(
                to: layer.normed, rows: all, into: layer.keyValues.mutableView.rows(all))
            for frame in plan.frames where frame.keepsLayers {
                frame.scatter(layer.keyValues, into: frame.state.keptKeyValues[index - 1], self.kernels)
            }
        }
        for (number, frame) in plan.frames.enumerated() {
            let (queries, attended) = (layer.queries.view.rows(frame.rows), frame.rows)
            let message = messageRows.lowerBound + number
            let messageKeyValues = layer.keyValues.view.rows(message..<message + 1)
            if index > 0, !frame.isFull {
                unsafe self.selfAttention.core.add(
                    queries: queries, keyValues: frame.state.keptKeyValues[index - 1],
                    extraKeyValues: messageKeyValues, into: layer.attended.staged(attended), to: layer.attention)
                continue
            }
            // The second layer's are complete since the frame was embedded; a later layer's, where all rows are
            // computed, are at hand as they came out of the product.
            let ownKeyValues = index == 0 ? frame.state.keyValues : nil
            precondition(index > 0 || ownKeyValues != nil, "a frame without the second layer's keys")
            let keyValues = ownKeyValues ?? layer.keyValues
            unsafe self.selfAttention.core.add(
                queries: queries,
                keyValues: keyValues.view.rows(ownKeyValues == nil ? frame.rows : 0..<keyValues.rows),
                extraKeyValues: messageKeyValues,
                extraAttention: frame.keepsLayers && frame.isFull ? frame.state.messageAttention : nil,
                into: layer.attended.staged(attended), to: layer.attention)
        }
        self.selfAttention.core.attend(layer.attention)
        self.finish(rows, scratch)
    }

    /// From what attention gathered to the layer's output.
    private func finish(_ rows: Range<Int>, _ scratch: VisionScratch) {
        let layer = scratch.layer
        layer.attended.commit(rows)
        self.selfAttention.out.apply(
            to: layer.attended, rows: rows, then: .accumulate, into: scratch.x.mutableView.rows(rows))
        self.layerNorm2.apply(to: scratch.x.view.rows(rows), into: layer.normed, rows: rows)
        self.mlp.accumulate(layer.normed, rows: rows, inner: layer.inner, into: scratch.x.mutableView.rows(rows))
    }

    /// How the layer's keys and values are computed.
    var keyValueFormat: NumberFormat { self.selfAttention.keyValue.format }

    /// Scratch memory for passes of so many rows of so many frames through this layer and all others of its stack, and
    /// through the exchanges between them.
    func makeScratch(rows: Int, frames: Int, _ vision: Configuration.Vision) -> VisionScratch {
        let (size, attention) = (vision.encoder.hiddenSize, self.selfAttention)
        return VisionScratch(
            x: ScratchMatrix(rows: rows, columns: size), messages: ScratchMatrix(rows: frames, columns: size),
            // The exchange has products of the same size and format as this layer.
            classTokens: attention.query.makeOperand(rows: frames),
            normedMessages: attention.query.makeOperand(rows: frames),
            attendedMessages: attention.out.makeOperand(rows: frames),
            // A window with rows to compute has one frame of the pass at least.
            heard: ScratchMatrix(rows: frames * vision.frameCount, columns: 2 * size),
            // One key more than tokens, for the message; the exchange of messages has a key for each frame.
            layer: EncoderWorkspace(
                rows: rows + frames, keys: max(vision.tokenCount + 1, vision.frameCount), attention, self.mlp))
    }
}
