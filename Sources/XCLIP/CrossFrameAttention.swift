import GerundTensor

/// The exchange of messages between the frames of a window before one layer: the cross-frame attention of X-CLIP
/// (arXiv:2208.02816, section 3.2; HF: the message part of `XCLIPVisionEncoderLayer`).
///
/// T = frames of a window, D = `hiddenSize`.
///
///     message  = fc(classToken)                       // [T, D], one message per frame
///     message += attention(layerNorm(message))        // the frames exchange messages
struct CrossFrameAttention: Sendable {
    /// The layer that makes a message from a class token (HF: `message_fc`).
    let fc: Linear
    private let layerNorm: LayerNorm
    /// The attention between messages (HF: `message_attn`).
    let attention: Attention

    /// Loads the weights.
    ///
    /// - Parameters:
    ///   - weights: The scope of the encoder layer in the checkpoint.
    ///   - encoder: The sizes of the encoder.
    /// - Throws: `WeightError` for the first tensor that is missing or of another shape.
    init(
        _ weights: ParameterScope<some WeightSource>, _ encoder: XCLIPConfiguration.Encoder
    ) throws(WeightError) {
        let size = encoder.hiddenSize
        self.fc = try Linear(weights.quantizable.scoped("message_fc"), inputFeatures: size, outputFeatures: size)
        self.layerNorm = try LayerNorm(
            weights.scoped("message_ln"), size: size, epsilon: encoder.layerNormEpsilon)
        self.attention = try Attention(
            weights.quantizable.scoped("message_attn"), size: size, heads: encoder.headCount)
    }

    /// Returns the message that every frame receives if all frames of its window have the same class token, as in the
    /// first layer.
    ///
    /// - Parameter classTokens: The class tokens, `[T, D]`, with equal rows.
    /// - Returns: The message, `[1, D]`.
    func constantMessage(_ classTokens: MatrixView) -> Matrix {
        var messages = self.fc(classTokens)
        let normed = self.layerNorm(messages.view)
        let queries = self.attention.query(normed.view)
        let keyValues = self.attention.keyValue(normed.view)
        let attended = ScratchMatrix(rows: classTokens.rows, columns: classTokens.columns)
        self.attention.attention.attend(
            queries: queries.view, keyValues: keyValues.view,
            batch: self.attention.attention.makeBatch(keys: classTokens.rows), into: attended.mutableView)
        self.attention.outProjection.apply(to: attended.view, epilogue: .accumulate, into: messages.mutableView)
        var message = MatrixBuffer(rows: 1, columns: messages.columns)
        message.mutableView.copy(from: messages.view.rows(0..<1))
        return Matrix(message)
    }

    /// Computes the messages of a batch's frames from their class tokens, after the frames of each window have attended
    /// to each other.
    ///
    /// Cached keys and values are used for frames that aren't recomputed.
    ///
    /// - Parameters:
    ///   - plan: The batch.
    ///   - index: The index of the layer, counted from the second one as 0.
    ///   - scratch: Contains the tokens in `x`; receives the messages.
    func apply(_ plan: RefreshPlan, layer index: Int, in scratch: VisionScratch) {
        let layer = scratch.layer
        let frames = 0..<plan.frames.count
        for (number, frame) in plan.frames.enumerated() {
            let row = frame.tokens.lowerBound
            scratch.classTokens.stagingRows(number..<number + 1).copy(from: scratch.x.view.rows(row..<row + 1))
        }
        scratch.classTokens.convert(frames)
        self.fc.apply(to: scratch.classTokens, rows: frames, into: scratch.messages.mutableView.rows(frames))
        self.layerNorm.apply(to: scratch.messages.view.rows(frames), into: scratch.normedMessages, rows: frames)
        self.attention.query.apply(
            to: scratch.normedMessages, rows: frames, into: layer.queries.mutableView.rows(frames))
        self.attention.keyValue.apply(
            to: scratch.normedMessages, rows: frames, into: layer.keyValues.mutableView.rows(frames))
        for (number, frame) in plan.frames.enumerated() {
            frame.state.messageKeyValues.copy(row: number, of: layer.keyValues, to: index)
        }
        var messageRows = 0..<0
        for window in plan.windows where !window.refreshed.isEmpty {
            messageRows = messageRows.upperBound..<messageRows.upperBound + window.frames.count
            for (slot, state) in zip(messageRows, window.frames) {
                scratch.messageKeyValues.copy(row: index, of: state.messageKeyValues, to: slot)
            }
            unsafe self.attention.attention.append(
                queries: layer.queries.view.rows(window.refreshed),
                keyValues: scratch.messageKeyValues.view.rows(messageRows),
                into: scratch.attendedMessages.stagingRows(window.refreshed), to: layer.attention)
        }
        self.attention.attention.run(layer.attention)
        scratch.attendedMessages.convert(frames)
        self.attention.outProjection.apply(
            to: scratch.attendedMessages, rows: frames, epilogue: .accumulate,
            into: scratch.messages.mutableView.rows(frames))
    }
}
