import GerundTensor

/// The scratch memory of passes through the model, allocated anew only for a larger pass than any before.
///
/// Bound to one thread at a time, hence not `Sendable`.
public final class ModelWorkspace {
    private let model: XCLIPModel
    private var embeddedFrames = 0
    private var scratch: VisionScratch
    private var patches: Operand
    private var windowScratch: WindowScratch?
    private var promptScratch: PromptGeneratorLayer.Workspace?
    /// The results that a pass hands out, or that change hands within one.
    var results: ResultSlots

    public init(_ model: XCLIPModel) {
        self.model = model
        self.scratch = model.visionTransformer.makeScratch(rows: 0, frames: 0)
        self.patches = model.visionTransformer.makePatches(frames: 0)
        self.results = ResultSlots(contexts: model.promptGenerator.makeContextSlots())
    }

    /// Room for the patches of so many frames, `[frames * N, 3 * patch * patch]`; what was there is lost when there
    /// was too little.
    func patches(of frames: Int) -> Operand {
        if frames > self.embeddedFrames {
            self.embeddedFrames = frames
            self.patches = self.model.visionTransformer.makePatches(frames: frames)
        }
        return self.patches
    }

    /// Room for a pass of so many rows of so many frames.
    func scratch(rows: Int, frames: Int) -> VisionScratch {
        if rows > self.scratch.x.rows || frames > self.scratch.messages.rows {
            self.scratch = self.model.visionTransformer.makeScratch(
                rows: max(rows, self.scratch.x.rows), frames: max(frames, self.scratch.messages.rows))
        }
        return self.scratch
    }

    /// Room for what follows the vision encoder, of so many windows.
    func scratch(windows: Int) -> WindowScratch {
        if let scratch = self.windowScratch, scratch.windows >= windows { return scratch }
        let scratch = self.model.makeScratch(windows: windows)
        self.windowScratch = scratch
        return scratch
    }

    /// Room for prompting so many texts, counted once for each video.
    func scratch(prompting texts: Int, _ layer: PromptGeneratorLayer) -> PromptGeneratorLayer.Workspace {
        if let scratch = self.promptScratch, scratch.texts >= texts { return scratch }
        let scratch = layer.makeWorkspace(texts: texts, patches: self.model.configuration.vision.patchCount)
        self.promptScratch = scratch
        return scratch
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
    /// Of the multi-frame integration: its rows.
    var integrated = MatrixSlot()
    /// The windows' patches as each layer of the prompts' decoder sees them.
    var contexts: [MatrixSlot]
    /// Texts for each video, on their way through the decoder and with what it says.
    var prompts = MatrixSlot()
    var promptedTexts = MatrixSlot()
}
