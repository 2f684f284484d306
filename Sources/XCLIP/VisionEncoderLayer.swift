import GerundTensor

/// One block of the cross-frame communication transformer (HF: `XCLIPVisionEncoderLayer`).
///
/// T = frames of a window, P = tokens of a frame, D = `hiddenSize`. The class tokens are the only rows through which
/// frames hear of each other.
///
///     message  = messageFC(x[:, 0, :])                           // [T, D], one message a frame
///     message += messageAttention(messageLayerNorm(message))     // frames exchange messages
///     x       += selfAttention(layerNorm1(x ++ message))[:P]     // [T, P, D]; messages are keys and values only
///     x       += mlp(layerNorm2(x))
///
/// A pass computes some rows of some frames, as its ``RefreshPlan`` says; the others' keys and values are those that
/// their frames keep from earlier passes.
struct VisionEncoderLayer: Sendable {
    private let messageFC: Linear
    private let messageLayerNorm: LayerNorm
    private let messageAttention, selfAttention: Attention
    private let layerNorm1, layerNorm2: LayerNorm
    private let mlp: MLP
    private let kernels: Kernels

    init(
        _ weights: WeightScope<some WeightSource>, _ encoder: Configuration.Encoder
    ) throws(WeightError) {
        let (size, heads, epsilon) = (encoder.hiddenSize, encoder.headCount, encoder.layerNormEpsilon)
        self.kernels = weights.backend.kernels
        self.messageFC = try Linear(weights.robust.scoped("message_fc"), inputs: size, outputs: size)
        self.messageLayerNorm = try LayerNorm(weights.scoped("message_ln"), size: size, epsilon: epsilon)
        self.messageAttention = try Attention(weights.robust.scoped("message_attn"), size: size, heads: heads)
        self.selfAttention = try Attention(weights.robust.scoped("self_attn"), size: size, heads: heads)
        self.layerNorm1 = try LayerNorm(weights.scoped("layer_norm1"), size: size, epsilon: epsilon)
        self.layerNorm2 = try LayerNorm(weights.scoped("layer_norm2"), size: size, epsilon: epsilon)
        self.mlp = try MLP(
            weights.robust.scoped("mlp"), size: size, intermediate: encoder.intermediateSize,
            activation: encoder.activation)
    }

    /// The message that a frame hears when all frames of its window have the same class token, as in the first layer.
    ///
    /// - Parameter classTokens: `[T, D]`, equal rows.
    /// - Returns: `[1, D]`.
    func constantMessage(_ classTokens: MatrixView) -> Matrix {
        var messages = self.messageFC(classTokens)
        let normed = self.messageLayerNorm(messages.view)
        let queries = self.messageAttention.query(normed.view)
        let keyValues = self.messageAttention.keyValue(normed.view)
        let attended = ScratchMatrix(rows: classTokens.rows, columns: classTokens.columns)
        self.messageAttention.core.attend(
            queries: queries.view, keyValues: keyValues.view,
            batch: self.messageAttention.core.makeBatch(keys: classTokens.rows), into: attended.mutableView)
        self.messageAttention.out.apply(to: attended.view, then: .accumulate, into: messages.mutableView)
        var message = MatrixBuffer(rows: 1, columns: messages.columns)
        message.mutableView.copy(from: messages.view.rows(0..<1))
        return Matrix(message)
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

    /// A later layer, for the rows of a pass.
    ///
    /// - Parameters:
    ///   - index: Which layer this is, counted from the second as 0: the rows of that one were projected when their
    ///     frames were embedded.
    ///   - plan: The rows are the first of the scratch `x`; they become the layer's output.
    func apply(_ index: Int, _ plan: RefreshPlan, _ scratch: VisionScratch) {
        let layer = scratch.layer
        let rows = 0..<plan.rowCount
        let messageRows = plan.rowCount..<plan.rowCount + plan.frames.count
        self.exchangeMessages(index, plan, scratch)

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
                frame.scatter(layer.keyValues, into: frame.state.keyValues[index], self.kernels)
            }
        }
        for (number, frame) in plan.frames.enumerated() {
            let message = messageRows.lowerBound + number
            // What is kept is complete; where nothing is, the frame is computed as a whole.
            let isKept = index == 0 || frame.keepsLayers
            let keyValues = isKept ? frame.state.keyValues[index] : layer.keyValues
            unsafe self.selfAttention.core.add(
                queries: layer.queries.view.rows(frame.rows),
                keyValues: keyValues.view.rows(isKept ? 0..<keyValues.rows : frame.rows),
                extraKeyValues: layer.keyValues.view.rows(message..<message + 1),
                extraAttention: frame.keepsLayers && frame.isFull ? frame.state.messageAttention : nil,
                into: layer.attended.staged(frame.rows), to: layer.attention)
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

    /// The messages of the pass's frames from their class tokens, after the frames of each window have listened to
    /// each other; frames that are not computed are heard as they last spoke.
    private func exchangeMessages(_ index: Int, _ plan: RefreshPlan, _ scratch: VisionScratch) {
        let layer = scratch.layer
        let frames = 0..<plan.frames.count
        for (number, frame) in plan.frames.enumerated() {
            let row = frame.rows.lowerBound
            scratch.classTokens.staged(number..<number + 1).copy(from: scratch.x.view.rows(row..<row + 1))
        }
        scratch.classTokens.commit(frames)
        self.messageFC.apply(to: scratch.classTokens, rows: frames, into: scratch.messages.mutableView.rows(frames))
        self.messageLayerNorm.apply(to: scratch.messages.view.rows(frames), into: scratch.normedMessages, rows: frames)
        self.messageAttention.query.apply(
            to: scratch.normedMessages, rows: frames, into: layer.queries.mutableView.rows(frames))
        self.messageAttention.keyValue.apply(
            to: scratch.normedMessages, rows: frames, into: layer.keyValues.mutableView.rows(frames))
        for (number, frame) in plan.frames.enumerated() {
            frame.state.messageKeyValues.copy(row: number, of: layer.keyValues, to: index)
        }
        var heard = 0..<0
        for window in plan.windows where !window.computed.isEmpty {
            heard = heard.upperBound..<heard.upperBound + window.frames.count
            for (slot, state) in zip(heard, window.frames) {
                scratch.heard.copy(row: index, of: state.messageKeyValues, to: slot)
            }
            unsafe self.messageAttention.core.add(
                queries: layer.queries.view.rows(window.computed), keyValues: scratch.heard.view.rows(heard),
                into: scratch.attendedMessages.staged(window.computed), to: layer.attention)
        }
        self.messageAttention.core.attend(layer.attention)
        scratch.attendedMessages.commit(frames)
        self.messageAttention.out.apply(
            to: scratch.attendedMessages, rows: frames, then: .accumulate,
            into: scratch.messages.mutableView.rows(frames))
    }

    /// Scratch memory for passes of so many rows of so many frames through this layer and all others of its stack.
    func makeScratch(rows: Int, frames: Int, _ vision: Configuration.Vision) -> VisionScratch {
        let size = vision.encoder.hiddenSize
        return VisionScratch(
            x: ScratchMatrix(rows: rows, columns: size), messages: ScratchMatrix(rows: frames, columns: size),
            classTokens: self.messageFC.makeOperand(rows: frames),
            normedMessages: self.messageAttention.query.makeOperand(rows: frames),
            attendedMessages: self.messageAttention.out.makeOperand(rows: frames),
            // A window with rows to compute has one frame of the pass at least.
            heard: ScratchMatrix(rows: frames * vision.frameCount, columns: 2 * size),
            // One key more than tokens, for the message; the exchange of messages has a key for each frame.
            layer: EncoderWorkspace(
                rows: rows + frames, keys: max(vision.tokenCount + 1, vision.frameCount), self.selfAttention, self.mlp))
    }
}
