import GerundEvents

/// Accumulates the score differences between windows that were computed approximately and exactly.
///
/// It keeps the errors of the latest `capacity` windows only.
public struct ScoreErrorStatistics: Sendable {
    /// The number of windows that were compared.
    public private(set) var windows = 0
    /// The number of windows in which the top-ranked text, a label or a background phrase, differs from that of the
    /// exact result.
    public private(set) var top1Changes = 0
    /// The largest error of a label's score in any window, in `0...1`.
    public private(set) var maxScoreError = 0.0
    private var sumOfMeanErrors = 0.0
    /// The largest error of a label's score in each of the latest windows: a ring buffer.
    private var sample: [Double] = []
    private let capacity: Int

    /// Creates statistics without windows.
    ///
    /// - Parameter capacity: The maximum number of most recent windows from which the bound is derived; must be
    ///   positive. The default is 1000.
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
    ///   - approximate: The approximate logits of the same texts.
    ///   - labelCount: The number of labels.
    public mutating func add(exact: [Float], approximate: [Float], labelCount: Int) {
        precondition(
            exact.count == approximate.count && !exact.isEmpty, "\(exact.count) and \(approximate.count) logits")
        let expected = LabelScores(logits: exact, labelCount: labelCount).scores
        let found = LabelScores(logits: approximate, labelCount: labelCount).scores
        let errors = zip(expected, found).map { abs($0 - $1) }
        let largest = errors.max() ?? 0
        self.sumOfMeanErrors += errors.reduce(0, +) / Double(errors.count)
        let exactTop = exact.firstIndex(of: exact.max() ?? 0)
        let approximateTop = approximate.firstIndex(of: approximate.max() ?? 0)
        self.top1Changes += exactTop == approximateTop ? 0 : 1
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
    /// The bound is the split-conformal quantile, which assumes nothing about the distribution of the errors except
    /// that windows are exchangeable (Angelopoulos and Bates, arXiv:2107.07511, section 1).
    ///
    /// - Parameter confidence: The minimum probability with which the bound holds, in `0..<1`.
    /// - Returns: The bound; 1 if there are too few windows for one.
    public func bound(confidence: Double) -> Double {
        self.rank(confidence: confidence).map { self.sample.sorted()[$0 - 1] } ?? 1
    }

    /// Returns the rank of the bound among the sample's errors, the smallest having rank 1; `nil` if the sample is too
    /// small.
    private func rank(confidence: Double) -> Int? {
        // The tolerance keeps a rounding error from raising the rank: 20 × 0.95 must give 19.
        let rank = Int((Double(self.sampleSize + 1) * confidence - 1e-9).rounded(.up))
        return 1...max(1, self.sampleSize) ~= rank && self.sampleSize > 0 ? rank : nil
    }

    /// The confidence level of the bound that records report.
    ///
    /// A bound at this level requires at least 19 windows.
    public static let reportedConfidence = 0.95

    /// The largest error in the sample: the most conservative bound that it supports.
    ///
    /// A fast window that would start an event is accepted without exact recomputation only if it would do so despite
    /// this error. The bound is 1 if the sample is too small for one at ``reportedConfidence``.
    public var decisionBound: Double {
        self.rank(confidence: Self.reportedConfidence) == nil ? 1 : self.sample.max() ?? 1
    }
}
