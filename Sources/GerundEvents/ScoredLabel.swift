/// A label and how well it fits.
public struct ScoredLabel: Hashable, Sendable {
    public var label: String
    /// 0...1: the label's probability against the background phrases alone.
    public var score: Double

    public init(label: String, score: Double) {
        self.label = label
        self.score = score
    }
}
