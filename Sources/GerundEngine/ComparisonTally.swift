import Glibc

/// How far one way of computing windows strays from the exact one: what has been counted so far. A pure value.
public struct ComparisonTally: Sendable {
    /// How far scores moved and how often the best text did: what an audit measures, here of all windows.
    public private(set) var audit = AuditTally(capacity: .max)
    /// Windows in which the exact result is sure: its best text's share leads by more than half.
    public private(set) var sure = 0
    /// Those of them with the same best text.
    public private(set) var sureSame = 0
    /// Windows of which the truth is known.
    public private(set) var known = 0
    /// Those of them whose best text is the truth.
    public private(set) var right = 0

    public init() {}

    /// Windows that were compared.
    public var windows: Int { self.audit.windows }
    /// Those with the same best text.
    public var same: Int { self.audit.windows - self.audit.flips }

    /// - Parameters:
    ///   - exact: The logits of all labels, then of all background phrases, as they should be.
    ///   - logits: The same texts', as they are.
    ///   - truth: The right text's index, where it is known.
    public mutating func windowArrived(exact: [Float], logits: [Float], labelCount: Int, truth: Int?) {
        let flips = self.audit.flips
        self.audit.windowArrived(exact: exact, logits: logits, labelCount: labelCount)
        let shares = Self.softmax(exact).sorted(by: >)
        if shares[0] - (shares.dropFirst().first ?? 0) > 0.5 {
            self.sure += 1
            self.sureSame += self.audit.flips == flips ? 1 : 0
        }
        if let truth {
            self.known += 1
            self.right += logits.firstIndex(of: logits.max() ?? 0) == truth ? 1 : 0
        }
    }

    private static func softmax(_ logits: [Float]) -> [Double] {
        let greatest = logits.max() ?? 0
        let powers = logits.map { exp(Double($0 - greatest)) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }
}
