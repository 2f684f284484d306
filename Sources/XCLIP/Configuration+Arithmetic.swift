/// What a window costs, counted from the sizes of a model: the plain algorithm's multiplications and the weights that
/// they read.
///
/// Nothing here depends on how the work is done, so the result is a bar for any implementation.
package struct WindowArithmetic: Hashable, Sendable {
    /// Multiplications followed by an addition.
    package let products: Int
    /// Weights that take part, each counted once however often it is used.
    package let weights: Int

    package init(_ configuration: Configuration, refresh: Refresh = .all, labels: Int) {
        let (vision, size) = (configuration.vision, configuration.projectionSize)
        let (encoder, frames, tokens) = (vision.encoder, vision.frameCount, vision.tokenCount)
        let width = encoder.hiddenSize
        let embedding = vision.patchCount * width * 3 * vision.patchSize * vision.patchSize

        // A token's query, key, value and output, its attention over the frame's tokens and the message, and its MLP.
        let row = encoder.rowProducts + 2 * (tokens + 1) * width
        // A message: its linear layer, its query, key, value and output, and what the frame's rows see of it.
        let message = 7 * width * width + 2 * frames * width
        let whole = embedding + encoder.layerCount * (tokens * row + message)
        let frameProducts =
            switch refresh {
            case .all: frames * whole
            case .rows(0): whole
            case .rows(let count):
                whole + (frames - 1) * (encoder.layerCount - 1) * (count * row + message)
            }

        let integration =
            frames * width * size
            + vision.integration.layerCount
            * frames * (vision.integration.rowProducts + 2 * frames * vision.integration.hiddenSize)
        // The patches' mean over the frames, in the common space, and its keys and values.
        let layers = configuration.prompts.layerCount
        let context = vision.patchCount * (width * size + layers * 2 * size * size)
        // A label's query and output, its attention over the patches, and an MLP of four times the width.
        let prompt = layers * (10 * size * size + 2 * vision.patchCount * size) + size
        self.products = frameProducts + integration + context + labels * prompt

        let layerWeights = encoder.rowProducts + 5 * width * width
        self.weights =
            3 * vision.patchSize * vision.patchSize * width + encoder.layerCount * layerWeights
            + 2 * width * size + vision.integration.layerCount * vision.integration.rowProducts
            + layers * 12 * size * size
    }

    /// The least time that a window takes: its arithmetic at the processor's peak, or its weights from memory,
    /// whichever is longer.
    ///
    /// - Parameters:
    ///   - windows: As many as are computed together: they share the weights.
    ///   - gigaOperations: The processor's peak; a multiplication and an addition are two.
    ///   - gigabytes: The memory's, a second.
    ///   - bytesPerWeight: As they are stored.
    package func limit(
        windows: Int = 1, gigaOperations: Double, gigabytes: Double, bytesPerWeight: Int
    ) -> Duration {
        let arithmetic = 2 * Double(self.products * windows) / (gigaOperations * 1e9)
        let memory = Double(self.weights * bytesPerWeight) / (gigabytes * 1e9)
        return .seconds(max(arithmetic, memory))
    }
}

extension Configuration.Encoder {
    /// The products of one row with the weights of one layer: query, key, value, output and MLP. Also their number.
    fileprivate var rowProducts: Int {
        4 * self.hiddenSize * self.hiddenSize + 2 * self.hiddenSize * self.intermediateSize
    }
}
