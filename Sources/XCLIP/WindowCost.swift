/// The arithmetic and memory traffic of one window, derived from a model's configuration.
///
/// It counts the multiply-adds of the plain algorithm and the weights that it reads. Both are independent of the
/// implementation, so the result can serve as a roofline for any (Williams, Waterman, Patterson 2009).
package struct WindowCost: Hashable, Sendable {
    /// The number of multiply-add operations (MACs).
    package let multiplyAdds: Int
    /// The number of weights that take part, each counted once however often it is used.
    package let weightCount: Int

    /// Counts the operations of one window.
    ///
    /// - Parameters:
    ///   - configuration: The sizes of the model.
    ///   - refresh: The tokens of older frames that are recomputed. The default is the exact window.
    ///   - labels: The number of texts that the window is compared with.
    package init(_ configuration: XCLIPConfiguration, refresh: RefreshPolicy = .all, labels: Int) {
        let (vision, size) = (configuration.vision, configuration.projectionSize)
        let (encoder, frames, tokens) = (vision.encoder, vision.frameCount, vision.tokenCount)
        let width = encoder.hiddenSize
        let embedding = vision.patchCount * width * 3 * vision.patchSize * vision.patchSize

        // One token: query, key, value and output, attention over the frame's tokens and the message, and MLP.
        let perToken = encoder.multiplyAddsPerToken + 2 * (tokens + 1) * width
        // One message: its linear layer, its query, key, value and output, and its key and value in the frame's layer.
        let message = 7 * width * width + 2 * frames * width
        let wholeFrame = embedding + encoder.layerCount * (tokens * perToken + message)
        let frameEncoding =
            switch refresh {
            case .all: frames * wholeFrame
            case .tokens(0): wholeFrame
            case .tokens:
                wholeFrame
                    + (frames - 1) * (encoder.layerCount - 1)
                    * (refresh.tokenCount(outOf: tokens) * perToken + message)
            }

        let integration =
            frames * width * size
            + vision.mit.layerCount
            * frames * (vision.mit.multiplyAddsPerToken + 2 * frames * vision.mit.hiddenSize)
        // The patches' mean over the frames, its projection to the joint embedding space, and its keys and values.
        let layers = configuration.prompts.layerCount
        let context = vision.patchCount * (width * size + layers * 2 * size * size)
        // One label: query and output, attention over the patches, and an MLP of four times the width.
        let prompt = layers * (10 * size * size + 2 * vision.patchCount * size) + size
        self.multiplyAdds = frameEncoding + integration + context + labels * prompt

        let layerWeights = encoder.multiplyAddsPerToken + 5 * width * width
        self.weightCount =
            3 * vision.patchSize * vision.patchSize * width + encoder.layerCount * layerWeights
            + 2 * width * size + vision.mit.layerCount * vision.mit.multiplyAddsPerToken
            + layers * 12 * size * size
    }

    /// Returns the minimum time of a batch of windows: its arithmetic at the processor's peak, or reading its weights
    /// from memory, whichever takes longer.
    ///
    /// - Parameters:
    ///   - windows: The number of windows in the batch, which share the weights.
    ///   - gigaflops: The processor's peak, in 10^9 operations per second; a multiply-add is two operations.
    ///   - gigabytesPerSecond: The memory's peak bandwidth.
    ///   - bytesPerWeight: The size of a stored weight, in bytes.
    /// - Returns: The time of the whole batch.
    package func rooflineTime(
        windows: Int = 1, gigaflops: Double, gigabytesPerSecond: Double, bytesPerWeight: Int
    ) -> Duration {
        let arithmetic = 2 * Double(self.multiplyAdds * windows) / (gigaflops * 1e9)
        let memory = Double(self.weightCount * bytesPerWeight) / (gigabytesPerSecond * 1e9)
        return .seconds(max(arithmetic, memory))
    }
}

extension XCLIPConfiguration.Encoder {
    /// The multiply-adds of one token with the weights of one layer: query, key, value, output and MLP.
    ///
    /// Also the number of those weights.
    fileprivate var multiplyAddsPerToken: Int {
        4 * self.hiddenSize * self.hiddenSize + 2 * self.hiddenSize * self.intermediateSize
    }
}
