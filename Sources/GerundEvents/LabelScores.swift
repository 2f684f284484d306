import Glibc

/// The model's logits as scores that users can set thresholds on.
///
/// `score(label) = exp(z) / (exp(z) + sum over background exp(z_b))`: what speaks for the label against nothing
/// going on. Independent of the other labels, so adding a label moves no threshold.
public struct LabelScores: Sendable, Hashable {
    /// 0...1 for each label, in the labels' order.
    public var scores: [Double]
    /// The labels' part of the softmax over labels and background phrases, in the labels' order.
    public var shares: [Double]

    /// - Parameters:
    ///   - logits: Of all labels, then of all background phrases.
    ///   - labelCount: How many of them are labels; at least one, and at least one phrase follows.
    public init(logits: [Float], labelCount: Int) {
        precondition(labelCount > 0 && logits.count > labelCount, "\(logits.count) logits for \(labelCount) labels")
        let labels = logits[..<labelCount].map(Double.init)
        let background = logSumExp(logits[labelCount...].map(Double.init))
        let all = logSumExp(logits.map(Double.init))
        self.scores = labels.map { 1 / (1 + exp(background - $0)) }
        self.shares = labels.map { exp($0 - all) }
    }
}

/// The logarithm of the sum of exponentials, without overflow.
private func logSumExp(_ values: [Double]) -> Double {
    let greatest = values.max() ?? -.infinity
    guard greatest.isFinite else { return greatest }
    return greatest + log(values.reduce(0) { $0 + exp($1 - greatest) })
}
