import GerundTensor

/// The scratch memory of passes through the model, allocated anew only for a larger pass than any before: it stays as
/// large as the largest needed it.
///
/// Bound to one thread at a time, hence not `Sendable`.
public final class ModelWorkspace {
    private let model: XCLIPModel
    private var patches: Operand?
    private var visionScratch: VisionScratch?
    private var windowScratch: WindowScratch?
    private var promptScratch: PromptGeneratorLayer.Workspace?
    /// The results that a pass hands out, or that change hands within one.
    var results: ResultSlots

    public init(_ model: XCLIPModel) {
        self.model = model
        self.results = ResultSlots(contexts: model.promptGenerator.makeContextSlots())
    }

    /// Room for the patches of so many frames, `[frames * N, 3 * patch * patch]`; what was there is lost when there
    /// was too little.
    func patches(of frames: Int) -> Operand {
        if let patches, patches.rows >= frames * self.model.configuration.vision.patchCount { return patches }
        let patches = self.model.visionTransformer.makePatches(frames: frames)
        self.patches = patches
        return patches
    }

    /// Room for a pass of so many rows of so many frames.
    func scratch(rows: Int, frames: Int) -> VisionScratch {
        let (mostRows, mostFrames) = (self.visionScratch?.x.rows ?? 0, self.visionScratch?.messages.rows ?? 0)
        if let scratch = self.visionScratch, rows <= mostRows, frames <= mostFrames { return scratch }
        let scratch = self.model.visionTransformer.makeScratch(
            rows: max(rows, mostRows), frames: max(frames, mostFrames))
        self.visionScratch = scratch
        return scratch
    }

    /// Room for what follows the vision encoder, of so many windows.
    func scratch(windows: Int) -> WindowScratch {
        if let scratch = self.windowScratch, scratch.windows >= windows { return scratch }
        let scratch = self.model.makeScratch(windows: windows)
        self.windowScratch = scratch
        return scratch
    }

    /// Room for prompting so many texts, counted once for each video; nothing where there is no decoder.
    func scratch(texts: Int) -> PromptGeneratorLayer.Workspace? {
        if let scratch = self.promptScratch, scratch.texts >= texts { return scratch }
        self.promptScratch = self.model.promptGenerator.makeWorkspace(texts: texts)
        return self.promptScratch
    }
}

/// The matrices of one pass: as many rows and frames as the largest pass so far has, of which a pass uses the first.
struct VisionScratch {
    /// The rows, `[rows, D]`.
    let x: ScratchMatrix
    /// The frames' messages, `[frames, D]`.
    let messages: ScratchMatrix
    /// The frames' class tokens, `[frames, D]`.
    let classTokens: Operand
    /// The messages after their layer norm, and what they gathered of each other, `[frames, D]`.
    let normedMessages, attendedMessages: Operand
    /// Keys and values of the messages of one window after the other, `[windows * T, 2 D]`.
    let heard: ScratchMatrix
    /// Rows of frames, then their messages.
    let layer: EncoderWorkspace
}

/// The matrices between the vision encoder and the windows' features, likewise; M is the width of the common space.
struct WindowScratch {
    let windows: Int
    /// The frames' class tokens after the last layer norm, `[windows * T, D]`.
    let pooled: Operand
    /// The same in the common space, `[windows * T, M]`.
    let projected: ScratchMatrix
    /// Of the multi-frame integration.
    let integration: EncoderWorkspace?
    /// The patches' means over the frames, `[windows * N, D]`, and in the common space, `[windows * N, M]`.
    let means: Operand
    let visual: ScratchMatrix
    /// The latter after the prompts' layer norm.
    let normed: Operand?
}

/// See ``ModelWorkspace/results``.
struct ResultSlots {
    /// Handed out: the windows' patches as each layer of the prompts' decoder sees them.
    var contexts: [MatrixSlot]
    /// The frames in the multi-frame integration.
    var integrated = MatrixSlot()
    /// Texts for each video, on their way through the decoder and with what it says.
    var prompts = MatrixSlot()
    var promptedTexts = MatrixSlot()
}
