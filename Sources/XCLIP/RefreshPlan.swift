import GerundTensor

/// The tokens that one batch of windows computes, frame by frame and concatenated.
///
/// ## Class-token refresh
///
/// Our own approximation; neither the paper nor the reference has it. T = frames per window, P = tokens per frame.
///
/// Consecutive windows share T - 1 frames, but in X-CLIP (arXiv:2208.02816, section 3.2) the tokens of a frame depend
/// on the whole window. There is only one path: in layer l, frame f sends the message m_f = fc(class token of f); the T
/// messages attend to each other; then the tokens of f attend to themselves and to m_f, one key among P + 1. So for
/// every older frame whose neighbors changed, an exact encoding recomputes all P tokens in every layer from the second
/// on. (The first layer's messages are constants.)
///
/// A plan recomputes only `n` tokens of an older frame in every layer; for the others it reuses the keys and values
/// from the encoding in which the frame was new:
///
/// - n = 0: messages are stale as well. An older frame has never received a message of a later one.
/// - n = 1, the class token: its query attends to the cached keys and values of its patches and to the current message.
///   All T messages are therefore those of the current window, and the video embedding, which is made of class tokens,
///   reacts to a new frame at once.
/// - n > 1: the class token and the n - 1 patches with the largest attention weights on the message.
/// - n = P: exact.
///
/// The error that is left for n = 1 has second order: a patch deviates by the change of m_f and of the class token
/// times its attention weights on those two keys out of P + 1, and the class token takes over that deviation times its
/// own attention weight on the patch. Refreshing patches in the order of their weights removes the largest terms first.
/// There is no useful bound (attention weights depend on the input), so `gerund compare` and the audit measure the
/// error. The arithmetic of a window of `xclip-base-patch32` falls from 35.8 to 5.4 billion multiply-adds (see
/// ``WindowCost``).
struct RefreshPlan {
    /// A frame of which some tokens are computed.
    struct Frame {
        /// The cached state of the frame.
        let state: FrameState
        /// The rows of the frame's tokens in the batch; the first one is the class token's.
        let tokens: Range<Int>
        /// A Boolean value that indicates whether these are all tokens of the frame, in their order.
        let isFull: Bool
        /// A Boolean value that indicates whether the state keeps its layers.
        let cachesLayers: Bool

        /// The indices of the computed tokens within the frame.
        var indices: ArraySlice<Int> {
            self.isFull ? ArraySlice(0..<self.tokens.count) : self.state.refreshOrder.prefix(self.tokens.count)
        }
    }

    /// A window of the batch.
    struct Window {
        /// The window's frames, oldest first; a frame may occur several times.
        let frames: [FrameState]
        /// The indices in ``RefreshPlan/frames`` of the window's frames of which tokens are computed.
        let refreshed: Range<Int>
    }

    /// The windows of the batch.
    private(set) var windows: [Window] = []
    /// The frames of which tokens are computed.
    private(set) var frames: [Frame] = []
    /// The number of tokens that are computed.
    private(set) var tokenCount = 0

    /// Plans a batch.
    ///
    /// - Parameters:
    ///   - windows: The frames of each window, oldest first; no two windows share a frame.
    ///   - refresh: The tokens to recompute of frames whose layers are cached. All tokens of other frames are computed.
    ///   - tokens: The number of tokens per frame (P).
    init(_ windows: [[FrameState]], refresh: RefreshPolicy, tokens: Int) {
        for window in windows {
            let first = self.frames.count
            var seen = Set<ObjectIdentifier>()
            for state in window where seen.insert(ObjectIdentifier(state)).inserted {
                let isNew = !state.hasLayerCache || !state.cachesLayers
                let count = isNew ? tokens : refresh.tokenCount(outOf: tokens)
                guard count > 0 else { continue }
                self.frames.append(
                    Frame(
                        state: state, tokens: self.tokenCount..<self.tokenCount + count, isFull: count == tokens,
                        cachesLayers: state.cachesLayers))
                self.tokenCount += count
            }
            self.windows.append(Window(frames: window, refreshed: first..<self.frames.count))
        }
    }
}

extension RefreshPlan.Frame {
    /// Copies the frame's tokens of the batch from a matrix of its state.
    func gather(from state: ScratchMatrix, into batch: ScratchMatrix) {
        if self.isFull { return batch.copy(0..<state.rows, of: state, to: self.tokens) }
        for (row, index) in zip(self.tokens, self.indices) { batch.copy(row: index, of: state, to: row) }
    }

    /// Copies the frame's tokens of the batch to a matrix of its state.
    func scatter(_ batch: ScratchMatrix, into state: ScratchMatrix, using kernels: Kernels) {
        if self.isFull { return kernels.copy(batch.view.rows(self.tokens), to: state.mutableView) }
        for (row, index) in zip(self.tokens, self.indices) { state.copy(row: row, of: batch, to: index) }
    }

    /// Copies the frame's keys and values of the batch to its cache, in the cache's element type.
    func scatter(_ batch: ScratchMatrix, into state: KeyValueCache, using kernels: Kernels) {
        if self.isFull { return state.copy(batch.view.rows(self.tokens), to: 0, kernels) }
        for (row, index) in zip(self.tokens, self.indices) {
            state.copy(batch.view.rows(row..<row + 1), to: index, kernels)
        }
    }
}
