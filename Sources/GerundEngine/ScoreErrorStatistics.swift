import GerundEvents

/// Accumulates the score differences between windows that were computed approximately and exactly.
///
/// The memory for the bound's sample never exceeds `capacity` numbers.
public struct ScoreErrorStatistics: Sendable {
    /// The number of windows that were compared.
    public private(set) var windows = 0
    /// The number of windows with a different best text, background phrases included.
    public private(set) var top1Changes = 0
    /// The largest error of a label's score in any window, in `0...1`.
    public private(set) var maxScoreError = 0.0
    private var sumOfMeanErrors = 0.0
    /// The largest error of a label's score in each of the latest windows: a ring.
    private var sample: [Double] = []
    private let capacity: Int

    /// Creates statistics without windows.
    ///
    /// - Parameter capacity: The maximum number of latest windows that the bound is derived from. Above 0; the default is
    ///   1000.
    public init(capacity: Int = 1000) {
        precondition(capacity > 0, "invalid sample capacity \(capacity)")
        self.capacity = capacity
        self.sample.reserveCapacity(min(capacity, 1000))
    }

    /// The mean error of a label's score, in `0...1`; 0 without windows.
    public var meanScoreError: Double { self.windows == 0 ? 0 : self.sumOfMeanErrors / Double(self.windows) }

    /// The number of windows that the bound is derived from.
    public var sampleSize: Int { self.sample.count }

    /// Adds a window.
    ///
    /// - Parameters:
    ///   - exact: The exact logits of all labels, followed by those of all background phrases.
    ///   - logits: The approximate logits of the same texts.
    ///   - labelCount: The number of labels.
    public mutating func windowArrived(exact: [Float], logits: [Float], labelCount: Int) {
        precondition(exact.count == logits.count && !exact.isEmpty, "\(exact.count) and \(logits.count) logits")
        let expected = LabelScores(logits: exact, labelCount: labelCount).scores
        let found = LabelScores(logits: logits, labelCount: labelCount).scores
        let errors = zip(expected, found).map { abs($0 - $1) }
        let largest = errors.max() ?? 0
        self.sumOfMeanErrors += errors.reduce(0, +) / Double(errors.count)
        self.top1Changes += exact.firstIndex(of: exact.max() ?? 0) == logits.firstIndex(of: logits.max() ?? 0) ? 0 : 1
        self.maxScoreError = max(self.maxScoreError, largest)
        if self.sample.count < self.capacity {
            self.sample.append(largest)
        } else {
            self.sample[self.windows % self.capacity] = largest
        }
        self.windows += 1
    }

    /// Returns an upper bound on the largest score error of a future window.
    ///
    /// The bound is the split-conformal quantile, which assumes nothing about the distribution of the errors except that
    /// windows are exchangeable (Angelopoulos and Bates, arXiv:2107.07511, section 1).
    ///
    /// - Parameter confidence: The minimum probability with which the bound holds, in `0..<1`.
    /// - Returns: The bound; 1 if there are too few windows for one.
    public func bound(confidence: Double) -> Double {
        self.rank(confidence: confidence).map { self.sample.sorted()[$0 - 1] } ?? 1
    }

    /// Returns the rank of the bound among the sample's errors, the smallest having rank 1; `nil` if the sample is too
    /// small.
    private func rank(confidence: Double) -> Int? {
        // A rounding error above a whole number counts as that number.
        let rank = Int((Double(self.sampleSize + 1) * confidence - 1e-9).rounded(.up))
        return 1...max(1, self.sampleSize) ~= rank && self.sampleSize > 0 ? rank : nil
    }

    /// The confidence of the bound in records, 0.95.
    ///
    /// It takes at least 19 windows.
    public static let reportedConfidence = 0.95

    /// The strongest bound that the sample gives, for decisions: the error that none of its windows has exceeded.
    ///
    /// 1 if the sample is too small for a bound with ``reportedConfidence``.
    public var decisionBound: Double {
        self.rank(confidence: Self.reportedConfidence) == nil ? 1 : self.sample.max() ?? 1
    }
}
