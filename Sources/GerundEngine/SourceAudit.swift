import GerundCore
import GerundEvents

/// The audit of one source's fast windows: which are computed exactly as well, how they came out, and when that is
/// told. A pure value.
package struct SourceAudit: Sendable {
    private let share: Double
    private let seed: UInt64
    private var drawn: UInt64 = 0
    package private(set) var tally = AuditTally()

    /// How many audited windows are told of at a time. A bound with a coverage of 95 % takes 19.
    package static let step = 20

    /// - Parameters:
    ///   - share: 0...1, of the fast windows.
    ///   - seed: Audits with the same one draw the same windows.
    package init(share: Double, seed: UInt64) {
        precondition(0...1 ~= share, "a share of \(share)")
        self.share = share
        self.seed = seed
    }

    /// Whether the next fast window is in the sample: at random, whatever it shows, for else the bound would not hold.
    package mutating func isNextDrawn() -> Bool {
        self.drawn += 1
        // The numbers of SplitMix64 (Steele, Lea and Flood 2014).
        var z = self.seed &+ self.drawn &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((z ^ (z &>> 31)) &>> 11) < self.share * 0x1p53
    }

    /// Other labels stray otherwise: what was seen until now bounds nothing of them.
    package mutating func labelsChanged() {
        self.tally = AuditTally()
    }

    /// - Returns: Whether it is time to tell.
    package mutating func windowArrived(exact: [Float], logits: [Float], labelCount: Int) -> Bool {
        self.tally.windowArrived(exact: exact, logits: logits, labelCount: labelCount)
        return self.tally.windows.isMultiple(of: Self.step)
    }
}
