package import GerundTensor

/// What is known of a window of frames before any text is compared with it.
public struct VideoFeatures: Sendable {
    /// The frames' class tokens in the common space, `[frames, projectionSize]`, before they are integrated.
    package let frames: Matrix
    /// The whole window, `[1, projectionSize]`, of length 1 (HF: `video_embeds`).
    package let video: Matrix
    let prompts: PromptGenerator.Context

    /// The whole window in the common space: `projectionSize` values of length 1 (HF: `video_embeds`).
    public var embedding: [Float] { self.video.elements }
}

/// What is known of some texts before a video is compared with them: one row a text.
///
/// Texts do not influence each other: rows may be computed apart and joined.
public struct TextFeatures: Sendable {
    /// `[texts, projectionSize]`, not normalised.
    package let rows: Matrix

    package init(rows: Matrix) { self.rows = rows }

    /// How many texts.
    public var count: Int { self.rows.rows }

    /// These texts, then the others.
    public func appending(_ other: TextFeatures) -> TextFeatures {
        TextFeatures(rows: self.rows.appending(other.rows))
    }

    /// Some of these texts, in another order.
    ///
    /// - Parameter indices: Of texts, each below ``count``.
    public func selecting(_ indices: [Int]) -> TextFeatures {
        TextFeatures(rows: self.rows.selecting(indices))
    }
}
