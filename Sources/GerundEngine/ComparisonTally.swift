import Glibc

/// How far one way of computing windows strays from the exact one: what has been counted so far. A pure value.
public struct ComparisonTally: Sendable {
    /// Windows that were compared.
    public private(set) var windows = 0
    /// Those with the same best text.
    public private(set) var same = 0
    /// Those in which the exact result is sure: its best text's share leads by more than half.
    public private(set) var sure = 0
    /// Those of them with the same best text.
    public private(set) var sureSame = 0
    /// Windows of which the truth is known.
    public private(set) var known = 0
    /// Those of them whose best text is the truth.
    public private(set) var right = 0
    private var sumOfChanges = 0.0
    /// The largest change of a share in each window.
    private var largestChanges: [Double] = []

    public init() {}

    /// - Parameters:
    ///   - exact: The logits of all texts, as they should be.
    ///   - logits: The same texts', as they are.
    ///   - truth: The right text's index, where it is known.
    public mutating func windowArrived(exact: [Float], logits: [Float], truth: Int?) {
        precondition(exact.count == logits.count && !exact.isEmpty, "\(exact.count) and \(logits.count) logits")
        let (wanted, found) = (Self.softmax(exact), Self.softmax(logits))
        let (best, answer) = (Self.best(wanted), Self.best(found))
        let second = wanted.indices.filter { $0 != best }.map { wanted[$0] }.max() ?? 0
        let changes = zip(wanted, found).map { abs($0 - $1) }
        self.windows += 1
        self.same += best == answer ? 1 : 0
        if wanted[best] - second > 0.5 {
            self.sure += 1
            self.sureSame += best == answer ? 1 : 0
        }
        if let truth {
            self.known += 1
            self.right += truth == answer ? 1 : 0
        }
        self.sumOfChanges += changes.reduce(0, +) / Double(changes.count)
        self.largestChanges.append(changes.max() ?? 0)
    }

    /// The mean change of a share, 0...1.
    public var meanChange: Double { self.windows == 0 ? 0 : self.sumOfChanges / Double(self.windows) }

    /// A bound that the largest change of a share in one more window of the kind keeps with at least the given
    /// probability: the split conformal quantile, which supposes nothing of the changes' distribution but that windows
    /// are exchangeable (Angelopoulos, Bates, arXiv 2107.07511, section 1). 1 when there are too few windows to say.
    public func bound(coverage: Double) -> Double {
        let rank = Int((Double(self.windows + 1) * coverage).rounded(.up))
        guard rank >= 1, rank <= self.windows else { return 1 }
        return self.largestChanges.sorted()[rank - 1]
    }

    private static func softmax(_ logits: [Float]) -> [Double] {
        let greatest = logits.max() ?? 0
        let powers = logits.map { exp(Double($0 - greatest)) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    /// The first of equals.
    private static func best(_ shares: [Double]) -> Int {
        shares.indices.max { shares[$0] != shares[$1] ? shares[$0] < shares[$1] : $0 > $1 } ?? 0
    }
}
