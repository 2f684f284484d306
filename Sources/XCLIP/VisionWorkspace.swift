import GerundTensor

/// The scratch memory of passes through the vision encoder, allocated anew only for a larger pass than any before.
///
/// Bound to one thread at a time, hence not `Sendable`.
public final class VisionWorkspace {
    private let vision: Configuration.Vision
    private var embeddedFrames = 0
    private var scratch: VisionScratch
    private var patches = ScratchMatrix(rows: 0, columns: 0)

    public init(_ configuration: Configuration) {
        self.vision = configuration.vision
        self.scratch = VisionScratch(rows: 0, frames: 0, configuration.vision)
    }

    /// Room for the patches of so many frames, `[frames * N, 3 * patch * patch]`; what was there is lost when there
    /// was too little.
    func patches(of frames: Int) -> ScratchMatrix {
        if frames > self.embeddedFrames {
            self.embeddedFrames = frames
            let edge = self.vision.patchSize
            self.patches = ScratchMatrix(rows: frames * self.vision.patchCount, columns: 3 * edge * edge)
        }
        return self.patches
    }

    /// Room for a pass of so many rows of so many frames.
    func scratch(rows: Int, frames: Int) -> VisionScratch {
        if rows > self.scratch.x.rows || frames > self.scratch.messages.rows {
            self.scratch = VisionScratch(
                rows: max(rows, self.scratch.x.rows), frames: max(frames, self.scratch.messages.rows), self.vision)
        }
        return self.scratch
    }
}

/// The matrices of one pass: as many rows and frames as the largest pass so far has, of which a pass uses the first.
struct VisionScratch {
    /// The rows, `[rows, D]`.
    let x: ScratchMatrix
    /// The frames' messages, `[frames, D]`.
    let messages: ScratchMatrix
    /// The frames' class tokens, `[frames, D]`.
    let classTokens: ScratchMatrix
    /// Keys and values of one window's messages, `[T, 2 D]`.
    let heard: ScratchMatrix
    /// Rows of frames, then their messages.
    let layer: EncoderWorkspace

    init(rows: Int, frames: Int, _ vision: Configuration.Vision) {
        let encoder = vision.encoder
        self.x = ScratchMatrix(rows: rows, columns: encoder.hiddenSize)
        self.messages = ScratchMatrix(rows: frames, columns: encoder.hiddenSize)
        self.classTokens = ScratchMatrix(rows: frames, columns: encoder.hiddenSize)
        self.heard = ScratchMatrix(rows: vision.frameCount, columns: 2 * encoder.hiddenSize)
        // One key more than tokens, for the message; the exchange of messages has a key for each frame.
        self.layer = EncoderWorkspace(
            rows: rows + frames, keys: max(vision.tokenCount + 1, vision.frameCount), encoder: encoder)
    }
}
