import GerundEvents

/// How far windows that were computed otherwise stray from the exact ones: what has been counted so far.
///
/// A pure value. What it holds is allocated at first and never grows beyond ``capacity``.
public struct AuditTally: Sendable {
    /// Windows that were compared.
    public private(set) var windows = 0
    /// Those with another best text.
    public private(set) var flips = 0
    /// The largest change of a label's score in any window, 0...1.
    public private(set) var largestChange = 0.0
    private var sumOfChanges = 0.0
    /// The largest change of a label's score in each of the latest windows: a ring.
    private var changes: [Double] = []
    private let capacity: Int

    /// - Parameter capacity: So many windows, the latest, make up the bound.
    public init(capacity: Int = 1000) {
        precondition(capacity > 0, "a sample of \(capacity)")
        self.capacity = capacity
        self.changes.reserveCapacity(min(capacity, 1000))
    }

    /// The mean change of a label's score, 0...1.
    public var meanChange: Double { self.windows == 0 ? 0 : self.sumOfChanges / Double(self.windows) }

    /// How many windows make up the bound.
    public var sample: Int { self.changes.count }

    /// - Parameters:
    ///   - exact: The logits of all labels, then of all background phrases, as they should be.
    ///   - logits: The same texts', as they are.
    public mutating func windowArrived(exact: [Float], logits: [Float], labelCount: Int) {
        precondition(exact.count == logits.count && !exact.isEmpty, "\(exact.count) and \(logits.count) logits")
        let wanted = LabelScores(logits: exact, labelCount: labelCount).scores
        let found = LabelScores(logits: logits, labelCount: labelCount).scores
        let all = zip(wanted, found).map { abs($0 - $1) }
        let change = all.max() ?? 0
        self.sumOfChanges += all.reduce(0, +) / Double(all.count)
        self.flips += exact.firstIndex(of: exact.max() ?? 0) == logits.firstIndex(of: logits.max() ?? 0) ? 0 : 1
        self.largestChange = max(self.largestChange, change)
        if self.changes.count < self.capacity {
            self.changes.append(change)
        } else {
            self.changes[self.windows % self.capacity] = change
        }
        self.windows += 1
    }

    /// A bound that the largest change of a score in one more window of the kind keeps with at least the given
    /// probability: the split conformal quantile, which supposes nothing of the changes' distribution but that windows
    /// are exchangeable (Angelopoulos, Bates, arXiv 2107.07511, section 1). 1 when there are too few windows to say.
    public func bound(coverage: Double) -> Double {
        self.rank(coverage: coverage).map { self.changes.sorted()[$0 - 1] } ?? 1
    }

    /// Which of the changes, counted from the smallest as 1, is the bound.
    private func rank(coverage: Double) -> Int? {
        // Less than a rounding error above a whole number is that number.
        let rank = Int((Double(self.sample + 1) * coverage - 1e-9).rounded(.up))
        return 1...max(1, self.sample) ~= rank && self.sample > 0 ? rank : nil
    }

    /// The coverage of the bound that is told.
    public static let toldCoverage = 0.95

    /// The strongest bound that the sample gives, for decisions: what no window of it has exceeded. 1 when the sample is
    /// too small for a bound of ``toldCoverage``.
    public var decisionBound: Double {
        self.rank(coverage: Self.toldCoverage) == nil ? 1 : self.changes.max() ?? 1
    }
}
