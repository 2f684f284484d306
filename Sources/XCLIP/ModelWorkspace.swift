import GerundTensor

/// The scratch memory of a model: buffers that grow on demand and never shrink.
///
/// A workspace isn't `Sendable`: only one thread may use it at a time. Reusing one for all calls avoids allocations per
/// window.
public final class ModelWorkspace {
    private let model: XCLIPModel
    private var patches: LinearInput?
    private var cachedVisionScratch: VisionScratch?
    private var cachedWindowScratch: WindowScratch?
    private var cachedPromptScratch: PromptGeneratorLayer.Workspace?
    /// Reusable buffers of results.
    var results: ResultSlots

    /// Creates the empty scratch memory of a model.
    ///
    /// - Parameter model: The model that all calls with this workspace go to.
    public init(_ model: XCLIPModel) {
        self.model = model
        self.results = ResultSlots(contexts: model.promptGenerator.makeContextSlots())
    }

    /// Returns a buffer for the patches of a number of frames, `[frames * N, 3 * patch * patch]`.
    ///
    /// Its previous content is lost if it grows.
    func patches(of frames: Int) -> LinearInput {
        if let patches, patches.rows >= frames * self.model.configuration.vision.patchCount { return patches }
        let patches = self.model.visionTransformer.makePatches(frames: frames)
        self.patches = patches
        return patches
    }

    /// Returns scratch memory for encoding a number of tokens of a number of frames.
    func visionScratch(tokens: Int, frames: Int) -> VisionScratch {
        let (maximumTokens, maximumFrames) = (
            self.cachedVisionScratch?.x.rows ?? 0, self.cachedVisionScratch?.messages.rows ?? 0
        )
        if let scratch = self.cachedVisionScratch, tokens <= maximumTokens, frames <= maximumFrames { return scratch }
        let scratch = self.model.visionTransformer.makeScratch(
            tokens: max(tokens, maximumTokens), frames: max(frames, maximumFrames))
        self.cachedVisionScratch = scratch
        return scratch
    }

    /// Returns scratch memory for the steps after the vision encoder, for a number of windows.
    func windowScratch(windows: Int) -> WindowScratch {
        if let scratch = self.cachedWindowScratch, scratch.windows >= windows { return scratch }
        let scratch = self.model.makeScratch(windows: windows)
        self.cachedWindowScratch = scratch
        return scratch
    }

    /// Returns scratch memory for prompting a number of texts, counted once per video; `nil` if the model has no
    /// prompts.
    func promptScratch(texts: Int) -> PromptGeneratorLayer.Workspace? {
        if let scratch = self.cachedPromptScratch, scratch.texts >= texts { return scratch }
        self.cachedPromptScratch = self.model.promptGenerator.makeWorkspace(texts: texts)
        return self.cachedPromptScratch
    }
}

/// The matrices of the vision encoder for one batch: they have as many rows as the largest batch so far needed, and a
/// batch uses the first ones.
///
/// T = frames of a window, D = `hiddenSize`.
struct VisionScratch {
    /// The tokens, `[tokens, D]`.
    let x: ScratchMatrix
    /// The frames' messages, `[frames, D]`.
    let messages: ScratchMatrix
    /// The frames' class tokens, `[frames, D]`.
    let classTokens: LinearInput
    /// The messages after their layer norm, and the output of their attention, `[frames, D]`.
    let normedMessages, attendedMessages: LinearInput
    /// The keys and values of the messages of one window after the other, `[windows * T, 2 D]`.
    let messageKeyValues: ScratchMatrix
    /// The scratch memory of the layers: the rows of all tokens, then those of the messages.
    let layer: EncoderWorkspace
}

/// The matrices between the vision encoder and the features of windows, allocated in the same way.
///
/// N = patches per frame, M = `projectionSize`.
struct WindowScratch {
    /// The maximum number of windows.
    let windows: Int
    /// The frames' class tokens after the last layer norm, `[windows * T, D]`.
    let pooled: LinearInput
    /// The same in the joint embedding space, `[windows * T, M]`.
    let projected: ScratchMatrix
    /// The scratch memory of the multi-frame integration; `nil` if it has no layers.
    let mit: EncoderWorkspace?
    /// The patches' means over the frames, `[windows * N, D]`.
    let means: LinearInput
    /// The same in the joint embedding space, `[windows * N, M]`.
    let visual: ScratchMatrix
    /// The latter after the prompts' layer norm; `nil` if the model has no prompts.
    let normed: LinearInput?
}

/// Buffers of results, which are reused once nothing else holds the result; see ``ModelWorkspace/results``.
struct ResultSlots {
    /// The keys and values of the windows' patches, one buffer per layer of the prompts' decoder.
    ///
    /// Handed out to callers.
    var contexts: [ReusableMatrix]
    /// The frames in the multi-frame integration.
    var mit = ReusableMatrix()
    /// The hidden states of the prompts' decoder, one row per text and video.
    var prompts = ReusableMatrix()
    /// The texts with their prompts, one row per text and video.
    var promptedTexts = ReusableMatrix()
}
