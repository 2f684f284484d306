public import GerundCore

/// One answer for a whole clip.
public struct Classification: Sendable, Hashable {
    public struct Answer: Sendable, Hashable {
        public var label: String
        /// 0...1: the label's probability against the background phrases alone.
        public var score: Double
        /// The label's part of the softmax over labels and background phrases.
        public var share: Double
    }

    public var source: SourceID
    /// All labels, best first.
    public var answers: [Answer]
    /// How many windows were averaged.
    public var windows: Int
    /// The time that a window covered: shorter than asked for when the clip is.
    public var span: Duration
}
