package import GerundTensor

/// The features of one window of frames, ready to be compared with any number of texts.
///
/// T = frames of a window, M = `projectionSize`.
public struct VideoFeatures: Sendable {
    /// The frames' class tokens in the joint embedding space, `[T, M]`, not normalized (HF: `cls_features`).
    package let classFeatures: Matrix
    /// ``videoEmbeds`` as a matrix, `[1, M]`.
    let videoRow: Matrix
    let prompts: PromptGenerator.Context

    /// The embedding of the whole window in the joint embedding space: M values with a Euclidean norm of 1 (HF:
    /// `video_embeds`).
    public var videoEmbeds: [Float] { self.videoRow.elements }
}

/// The features of any number of texts, ready to be compared with any window.
///
/// Texts do not influence each other: their features can be computed separately and joined.
public struct TextFeatures: Sendable {
    /// One row per text, `[texts, projectionSize]`, not normalized (HF: `get_text_features`).
    package let matrix: Matrix

    /// Creates the features of texts from their rows.
    ///
    /// - Parameter matrix: One row per text, `[texts, projectionSize]`, not normalized.
    package init(matrix: Matrix) { self.matrix = matrix }

    /// The number of texts.
    public var count: Int { self.matrix.rows }

    /// Returns the features of these texts followed by those of `other`.
    public func appending(_ other: TextFeatures) -> TextFeatures {
        TextFeatures(matrix: self.matrix.appendingRows(of: other.matrix))
    }

    /// Returns the features of some of these texts, in the order of `indices`.
    ///
    /// - Parameter indices: Indices of texts, each below ``count``.
    /// - Returns: One row per index.
    public func selecting(_ indices: [Int]) -> TextFeatures {
        TextFeatures(matrix: self.matrix.selectingRows(indices))
    }
}
