import GerundTensor

/// One layer of the cross-frame communication transformer (arXiv:2208.02816, section 3.2; HF:
/// `XCLIPVisionEncoderLayer`).
///
/// T = frames of a window, P = tokens per frame, D = `hiddenSize`. Frames exchange information through their class
/// tokens only.
///
///     message = crossFrameAttention(x[:, 0, :])                 // [T, D], see CrossFrameAttention
///     x      += selfAttention(layerNorm1(x ++ message))[:P]     // [T, P, D]; messages are keys and values only
///     x      += mlp(layerNorm2(x))
///
/// A batch computes some tokens of some frames, as its ``RefreshPlan`` defines. For the other tokens it uses the keys
/// and values that the frames cached in earlier batches.
struct VisionEncoderLayer: Sendable {
    private var selfAttention: Attention
    private let layerNorm1, layerNorm2: LayerNorm
    private var mlp: MLP
    private let kernels: Kernels

    init(
        _ weights: ParameterScope<some WeightSource>, _ encoder: XCLIPConfiguration.Encoder
    ) throws(WeightError) {
        let (size, heads, epsilon) = (encoder.hiddenSize, encoder.headCount, encoder.layerNormEpsilon)
        self.kernels = weights.backend.kernels
        self.selfAttention = try Attention(weights.quantizable.scoped("self_attn"), size: size, heads: heads)
        self.layerNorm1 = try LayerNorm(weights.scoped("layer_norm1"), size: size, epsilon: epsilon)
        self.layerNorm2 = try LayerNorm(weights.scoped("layer_norm2"), size: size, epsilon: epsilon)
        self.mlp = try MLP(
            weights.quantizable.scoped("mlp"), size: size, intermediate: encoder.intermediateSize,
            activation: encoder.activation)
    }

    /// Returns a copy of this layer that prefetches the weights of the cross-frame attention after it.
    ///
    /// That one has a single row per frame, and would wait for its weights.
    func prefetching(_ messages: CrossFrameAttention) -> VisionEncoderLayer {
        var layer = self
        layer.selfAttention.query = self.selfAttention.query.prefetching(messages.fc)
        layer.selfAttention.outProjection = self.selfAttention.outProjection.prefetching(messages.attention.query)
        layer.mlp.fc1 = self.mlp.fc1.prefetching(messages.attention.keyValue)
        layer.mlp.fc2 = self.mlp.fc2.prefetching(messages.attention.outProjection)
        return layer
    }

    /// Returns a copy of this layer that prefetches the weights of a layer of the multi-frame integration.
    func prefetching(_ mit: EncoderLayer) -> VisionEncoderLayer {
        var layer = self
        layer.selfAttention.query = self.selfAttention.query.prefetching(mit.selfAttention.query)
        layer.selfAttention.keyValue = self.selfAttention.keyValue.prefetching(mit.selfAttention.keyValue)
        layer.selfAttention.outProjection = self.selfAttention.outProjection.prefetching(
            mit.selfAttention.outProjection)
        layer.mlp.fc1 = self.mlp.fc1.prefetching(mit.mlp.fc1)
        layer.mlp.fc2 = self.mlp.fc2.prefetching(mit.mlp.fc2)
        return layer
    }

    /// Returns the keys and values of messages.
    ///
    /// - Parameter messages: The messages, `[messages, D]`.
    /// - Returns: Their keys and values, `[messages, 2 D]`.
    func keyValues(ofMessages messages: MatrixView) -> Matrix {
        Matrix(self.selfAttention.keyValue(self.layerNorm1(messages).view))
    }

    /// Applies the first layer, whose message is a constant, to all tokens of whole frames.
    ///
    /// - Parameters:
    ///   - rows: The rows of the tokens in the scratch matrix `x`; they become the layer's output.
    ///   - tokens: The number of tokens per frame (P).
    ///   - message: The keys and values of the message, `[1, 2 D]`.
    ///   - scratch: The scratch memory.
    func apply(toFramesIn rows: Range<Int>, tokens: Int, message: MatrixView, in scratch: VisionScratch) {
        let layer = scratch.layer
        self.project(rows, in: scratch)
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: tokens) {
            let own = first..<first + tokens
            unsafe self.selfAttention.attention.append(
                queries: layer.queries.view.rows(own), keyValues: layer.keyValues.view.rows(own),
                messageKeyValues: message, into: layer.attended.stagingRows(own), to: layer.attention)
        }
        self.selfAttention.attention.run(layer.attention)
        self.finish(rows, in: scratch)
    }

    /// Computes the queries, keys and values of rows of the scratch matrix `x`.
    func project(_ rows: Range<Int>, in scratch: VisionScratch) {
        let layer = scratch.layer
        self.layerNorm1.apply(to: scratch.x.view.rows(rows), into: layer.normed, rows: rows)
        self.selfAttention.query.apply(to: layer.normed, rows: rows, into: layer.queries.mutableView.rows(rows))
        self.selfAttention.keyValue.apply(to: layer.normed, rows: rows, into: layer.keyValues.mutableView.rows(rows))
    }

    /// Applies a later layer to the tokens of a batch, after the frames have exchanged their messages.
    ///
    /// - Parameters:
    ///   - plan: The batch, whose tokens are the first rows of the scratch matrix `x`; they become the layer's output.
    ///   - index: The index of the layer, counted from the second one as 0: queries, keys and values of that one were
    ///     computed when the frames were embedded.
    ///   - scratch: The scratch memory.
    func apply(_ plan: RefreshPlan, index: Int, in scratch: VisionScratch) {
        let layer = scratch.layer
        let rows = 0..<plan.tokenCount
        let messageRows = plan.tokenCount..<plan.tokenCount + plan.frames.count
        // The messages' rows follow the tokens' rows, so that one matrix multiplication yields all keys and values.
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
            for frame in plan.frames where frame.cachesLayers {
                frame.scatter(layer.keyValues, into: frame.state.layerKeyValues[index - 1], using: self.kernels)
            }
        }
        for (number, frame) in plan.frames.enumerated() {
            let (queries, attended) = (layer.queries.view.rows(frame.tokens), frame.tokens)
            let message = messageRows.lowerBound + number
            let messageKeyValues = layer.keyValues.view.rows(message..<message + 1)
            if index > 0, !frame.isFull {
                unsafe self.selfAttention.attention.append(
                    queries: queries, keyValues: frame.state.layerKeyValues[index - 1],
                    messageKeyValues: messageKeyValues, into: layer.attended.stagingRows(attended), to: layer.attention)
                continue
            }
            // Those of the second layer are complete since the frame was embedded. Those of a later layer, if all
            // tokens are computed, are still in the scratch memory, in full precision.
            let ownKeyValues = index == 0 ? frame.state.keyValues : nil
            precondition(
                index > 0 || ownKeyValues != nil,
                "the frame state has no keys of the second layer: was it made by another model?")
            let keyValues = ownKeyValues ?? layer.keyValues
            unsafe self.selfAttention.attention.append(
                queries: queries,
                keyValues: keyValues.view.rows(ownKeyValues == nil ? frame.tokens : 0..<keyValues.rows),
                messageKeyValues: messageKeyValues,
                messageAttention: frame.cachesLayers && frame.isFull ? frame.state.messageAttention : nil,
                into: layer.attended.stagingRows(attended), to: layer.attention)
        }
        self.selfAttention.attention.run(layer.attention)
        self.finish(rows, in: scratch)
    }

    /// Computes the rest of the layer from the output of the attention.
    private func finish(_ rows: Range<Int>, in scratch: VisionScratch) {
        let layer = scratch.layer
        layer.attended.convert(rows)
        self.selfAttention.outProjection.apply(
            to: layer.attended, rows: rows, epilogue: .accumulate, into: scratch.x.mutableView.rows(rows))
        self.layerNorm2.apply(to: scratch.x.view.rows(rows), into: layer.normed, rows: rows)
        self.mlp.accumulate(layer.normed, rows: rows, inner: layer.inner, into: scratch.x.mutableView.rows(rows))
    }

    /// The element type of the matrix multiplication that computes keys and values.
    var keyValueType: ElementType { self.selfAttention.keyValue.inputType }

    /// Allocates scratch memory for this layer, all other layers of its stack, and the cross-frame attention between
    /// them.
    ///
    /// - Parameters:
    ///   - tokens: The maximum number of tokens of a batch.
    ///   - frames: The maximum number of frames of a batch.
    ///   - vision: The sizes of the vision encoder.
    /// - Returns: The scratch memory.
    func makeScratch(tokens: Int, frames: Int, for vision: XCLIPConfiguration.Vision) -> VisionScratch {
        let (size, attention) = (vision.encoder.hiddenSize, self.selfAttention)
        return VisionScratch(
            x: ScratchMatrix(rows: tokens, columns: size), messages: ScratchMatrix(rows: frames, columns: size),
            // Cross-frame attention has matrix multiplications of the same size and element type as this layer.
            classTokens: attention.query.makeInput(rows: frames),
            normedMessages: attention.query.makeInput(rows: frames),
            attendedMessages: attention.outProjection.makeInput(rows: frames),
            // A window with tokens to compute has at least one of the batch's frames.
            messageKeyValues: ScratchMatrix(rows: frames * vision.frameCount, columns: 2 * size),
            // One more key than tokens, for the message; cross-frame attention has one key per frame.
            layer: EncoderWorkspace(
                rows: tokens + frames, keys: max(vision.tokenCount + 1, vision.frameCount), selfAttention: attention,
                mlp: self.mlp))
    }
}
