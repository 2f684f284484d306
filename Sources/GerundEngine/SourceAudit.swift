import GerundCore
import GerundEvents

/// The audit of one source's fast windows: which ones are recomputed exactly, how they compare, and when that is
/// reported.
///
/// This is a pure state machine.
package struct SourceAudit: Sendable {
    private let ratio: Double
    private var random: SplitMix64
    /// The differences between the audited windows and their exact results.
    package private(set) var statistics = ScoreErrorStatistics()

    /// The number of audited windows between two reports.
    ///
    /// A bound with a confidence of 95 % takes 19.
    package static let reportInterval = 20

    /// Creates an audit.
    ///
    /// - Parameters:
    ///   - ratio: The fraction of fast windows to audit, in `0...1`.
    ///   - seed: The seed of the sample: audits with the same seed sample the same windows.
    package init(ratio: Double, seed: UInt64) {
        precondition(0...1 ~= ratio, "invalid audit ratio \(ratio)")
        self.ratio = ratio
        self.random = SplitMix64(seed: seed)
    }

    /// Returns whether to audit the next fast window.
    ///
    /// The choice is random and independent of the window's content, as the bound requires.
    package mutating func shouldSampleNext() -> Bool {
        Double(self.random.next() &>> 11) < self.ratio * 0x1p53
    }

    /// What to do after an audited window.
    package enum Action: Hashable, Sendable {
        /// Emit an audit record.
        case report
        /// Go on.
        case none
    }

    /// Discards the statistics: errors of other labels say nothing about those of the new ones.
    package mutating func labelsChanged() {
        self.statistics = ScoreErrorStatistics()
    }

    /// Adds an audited window.
    ///
    /// - Parameters:
    ///   - exact: The exact logits of all labels, followed by those of all background phrases.
    ///   - logits: The fast window's logits of the same texts.
    ///   - labelCount: The number of labels.
    /// - Returns: Whether to emit an audit record.
    package mutating func windowArrived(exact: [Float], logits: [Float], labelCount: Int) -> Action {
        self.statistics.windowArrived(exact: exact, logits: logits, labelCount: labelCount)
        return self.statistics.windows.isMultiple(of: Self.reportInterval) ? .report : .none
    }
}
