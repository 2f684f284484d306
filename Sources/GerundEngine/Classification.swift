public import GerundCore

/// The classification of a whole clip.
public struct Classification: Sendable, Hashable {
    /// The result for one label.
    public struct Prediction: Sendable, Hashable {
        /// The label.
        public var label: String
        /// The label's probability against the background phrases alone, in `0...1`.
        public var score: Double
        /// The label's probability among all labels and background phrases (softmax), in `0...1`.
        public var probability: Double
    }

    /// The clip.
    public var source: SourceID
    /// The predictions of all labels, in descending order of ``Prediction/probability``.
    public var predictions: [Prediction]
    /// The number of windows whose logits were averaged.
    public var windows: Int
    /// The time that a window covered: less than planned if the clip is shorter.
    public var windowDuration: Duration
}
