import GerundTensor

/// The scratch memory of passes through the vision encoder, allocated anew only for a larger pass than any before.
///
/// Bound to one thread at a time, hence not `Sendable`.
public final class VisionWorkspace {
    private let encoder: VisionTransformer
    private var embeddedFrames = 0
    private var scratch: VisionScratch
    private var patches: Operand

    public init(_ model: XCLIPModel) {
        self.encoder = model.visionTransformer
        self.scratch = self.encoder.makeScratch(rows: 0, frames: 0)
        self.patches = self.encoder.makePatches(frames: 0)
    }

    /// Room for the patches of so many frames, `[frames * N, 3 * patch * patch]`; what was there is lost when there
    /// was too little.
    func patches(of frames: Int) -> Operand {
        if frames > self.embeddedFrames {
            self.embeddedFrames = frames
            self.patches = self.encoder.makePatches(frames: frames)
        }
        return self.patches
    }

    /// Room for a pass of so many rows of so many frames.
    func scratch(rows: Int, frames: Int) -> VisionScratch {
        if rows > self.scratch.x.rows || frames > self.scratch.messages.rows {
            self.scratch = self.encoder.makeScratch(
                rows: max(rows, self.scratch.x.rows), frames: max(frames, self.scratch.messages.rows))
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
    let classTokens: Operand
    /// The messages after their layer norm, and what they gathered of each other, `[frames, D]`.
    let normedMessages, attendedMessages: Operand
    /// Keys and values of the messages of one window after the other, `[windows * T, 2 D]`.
    let heard: ScratchMatrix
    /// Rows of frames, then their messages.
    let layer: EncoderWorkspace
}
