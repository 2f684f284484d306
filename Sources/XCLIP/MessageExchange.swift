import GerundTensor

/// How the frames of a window hear of each other in one block (HF: the message part of `XCLIPVisionEncoderLayer`).
///
/// T = frames of a window, D = `hiddenSize`.
///
///     message  = fc(classToken)                       // [T, D], one message a frame
///     message += attention(layerNorm(message))        // frames exchange messages
struct MessageExchange: Sendable {
    let fc: Linear
    private let layerNorm: LayerNorm
    let attention: Attention

    /// - Parameter weights: The block's.
    init(
        _ weights: WeightScope<some WeightSource>, _ encoder: Configuration.Encoder
    ) throws(WeightError) {
        let size = encoder.hiddenSize
        self.fc = try Linear(weights.robust.scoped("message_fc"), inputs: size, outputs: size)
        self.layerNorm = try LayerNorm(
            weights.scoped("message_ln"), size: size, epsilon: encoder.layerNormEpsilon)
        self.attention = try Attention(
            weights.robust.scoped("message_attn"), size: size, heads: encoder.headCount)
    }

    /// The message that a frame hears when all frames of its window have the same class token, as in the first layer.
    ///
    /// - Parameter classTokens: `[T, D]`, equal rows.
    /// - Returns: `[1, D]`.
    func constantMessage(_ classTokens: MatrixView) -> Matrix {
        var messages = self.fc(classTokens)
        let normed = self.layerNorm(messages.view)
        let queries = self.attention.query(normed.view)
        let keyValues = self.attention.keyValue(normed.view)
        let attended = ScratchMatrix(rows: classTokens.rows, columns: classTokens.columns)
        self.attention.core.attend(
            queries: queries.view, keyValues: keyValues.view,
            batch: self.attention.core.makeBatch(keys: classTokens.rows), into: attended.mutableView)
        self.attention.out.apply(to: attended.view, then: .accumulate, into: messages.mutableView)
        var message = MatrixBuffer(rows: 1, columns: messages.columns)
        message.mutableView.copy(from: messages.view.rows(0..<1))
        return Matrix(message)
    }

    /// The messages of the pass's frames from their class tokens, after the frames of each window have listened to
    /// each other; frames that are not computed are heard as they last spoke.
    func apply(_ index: Int, _ plan: RefreshPlan, _ scratch: VisionScratch) {
        let layer = scratch.layer
        let frames = 0..<plan.frames.count
        for (number, frame) in plan.frames.enumerated() {
            let row = frame.rows.lowerBound
            scratch.classTokens.staged(number..<number + 1).copy(from: scratch.x.view.rows(row..<row + 1))
        }
        scratch.classTokens.commit(frames)
        self.fc.apply(to: scratch.classTokens, rows: frames, into: scratch.messages.mutableView.rows(frames))
        self.layerNorm.apply(to: scratch.messages.view.rows(frames), into: scratch.normedMessages, rows: frames)
        self.attention.query.apply(
            to: scratch.normedMessages, rows: frames, into: layer.queries.mutableView.rows(frames))
        self.attention.keyValue.apply(
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
            unsafe self.attention.core.add(
                queries: layer.queries.view.rows(window.computed), keyValues: scratch.heard.view.rows(heard),
                into: scratch.attendedMessages.staged(window.computed), to: layer.attention)
        }
        self.attention.core.attend(layer.attention)
        scratch.attendedMessages.commit(frames)
        self.attention.out.apply(
            to: scratch.attendedMessages, rows: frames, then: .accumulate,
            into: scratch.messages.mutableView.rows(frames))
    }
}
