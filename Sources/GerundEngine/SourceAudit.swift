import GerundCore
import GerundEvents

/// The audit of one source's fast windows: the choice of the windows that are recomputed exactly, the statistics of
/// their errors, and the schedule of the reports.
///
/// This is a pure state machine.
package struct SourceAudit: Sendable {
    private let ratio: Double
    private var random: SplitMix64
    /// The differences between the audited windows and their exact results.
    package private(set) var statistics = ScoreErrorStatistics()

    /// The number of audited windows between two reports.
    ///
    /// A bound at ``ScoreErrorStatistics/reportedConfidence`` requires 19.
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

    /// The action that follows an audited window.
    package enum Action: Hashable, Sendable {
        /// Emit an audit record.
        case report
        /// Do nothing.
        case none
    }

    /// Discards the statistics, because the errors of other labels don't apply to the new ones.
    package mutating func labelsChanged() {
        self.statistics = ScoreErrorStatistics()
    }

    /// Adds an audited window.
    ///
    /// - Parameters:
    ///   - exact: The exact logits of all labels, followed by those of all background phrases.
    ///   - approximate: The fast window's logits of the same texts.
    ///   - labelCount: The number of labels.
    /// - Returns: The action that the caller must take.
    package mutating func windowArrived(exact: [Float], approximate: [Float], labelCount: Int) -> Action {
        self.statistics.add(exact: exact, approximate: approximate, labelCount: labelCount)
        return self.statistics.windows.isMultiple(of: Self.reportInterval) ? .report : .none
    }
}
