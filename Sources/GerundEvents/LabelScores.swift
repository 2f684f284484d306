import GerundCore
import Glibc

/// The model's logits, converted to scores that users can set thresholds on.
///
/// `score(label) = exp(z) / (exp(z) + sum over background exp(z_b))`: the probability of the label against the
/// background phrases alone. It is independent of the other labels, so that adding a label moves no threshold.
public struct LabelScores: Sendable, Hashable {
    /// The score of each label, in 0...1.
    public var scores: [Double]
    /// The softmax over all labels and background phrases: the part of each label, in 0...1.
    public var probabilities: [Double]

    /// Converts the logits of one window.
    ///
    /// - Parameters:
    ///   - logits: The logits of all labels, followed by those of all background phrases.
    ///   - labelCount: The number of labels; at least one label and one background phrase are required.
    public init(logits: [Float], labelCount: Int) {
        precondition(labelCount > 0 && logits.count > labelCount, "\(logits.count) logits for \(labelCount) labels")
        let labels = logits[..<labelCount].map(Double.init)
        let background = logits[labelCount...].map(Double.init).logSumExp
        let all = logits.map(Double.init).logSumExp
        self.scores = labels.map { 1 / (1 + exp(background - $0)) }
        self.probabilities = labels.map { exp($0 - all) }
    }
}
