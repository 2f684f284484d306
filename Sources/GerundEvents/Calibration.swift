import GerundCore

/// Thresholds chosen so that false alarms stay within a budget, estimated from recordings without events of interest.
///
/// All alarms in such recordings are false. The thresholds of a label are the lowest above which so few alarms occurred
/// that the budget is kept with ``confidence``. They are chosen on the recordings on which they are judged, which the
/// bound allows for: see ``PoissonBound``. The estimate assumes that alarms are independent of each other and that
/// future recordings resemble these.
public struct Calibration: Sendable, Hashable {
    /// The result for one label.
    public struct Label: Sendable, Hashable {
        /// The label's text.
        public var label: String
        /// The chosen thresholds; `nil` if even the highest ones don't separate the label from the recordings.
        public var thresholds: HysteresisThresholds?
        /// The number of alarms in the recordings at these thresholds; 0 without thresholds.
        public var alarms: Int
        /// The number of alarms in the recordings at the lowest candidates, which would be used without calibration.
        public var alarmsAtDefault: Int
        /// An upper bound on the label's alarms per day and source, valid with ``Calibration/confidence``.
        public var upperBoundPerDay: Double
    }

    /// The confidence of all bounds: 0.95.
    public static let confidence = 0.95
    private static let minimumBudget = 1e-9

    /// The results in the order of the labels.
    public var labels: [Label]
    /// The total duration of the recordings of all sources, in media time.
    public var observedDuration: Duration
    /// The maximum of alarms per day and source over all labels.
    public var budget: Double
    /// An upper bound on alarms per day and source over all labels, valid with ``confidence``.
    public var upperBoundPerDay: Double

    /// A Boolean value that indicates whether ``upperBoundPerDay`` is within the budget.
    public var meetsBudget: Bool { self.upperBoundPerDay <= self.budget }
    /// The number of alarms in the recordings at the chosen thresholds, over all labels.
    public var alarms: Int { self.labels.reduce(0) { $0 + $1.alarms } }
    /// The duration of recordings, in hours, that would guarantee the budget if they had no alarm.
    public var requiredHours: Double {
        24 * PoissonBound.upper(count: max(0, self.labels.count - 1), confidence: Self.confidence) / self.budget
    }

    /// Returns the candidates for a label's thresholds: from the default ones up, spaced more closely near 1.
    ///
    /// - Parameter defaults: The lowest candidate. The ratio of its end to its start threshold is kept for every
    ///   candidate.
    /// - Returns: The candidates in ascending order.
    public static func candidateThresholds(from defaults: HysteresisThresholds) -> [HysteresisThresholds] {
        let steps = stride(from: 0.01, to: 0.995, by: 0.01).map { ($0 * 100).rounded() / 100 }
        let starts = steps + [0.995, 0.998, 0.999, 0.9995, 0.9999]
        let ratio = defaults.start > 0 ? defaults.end / defaults.start : 0
        return [defaults]
            + starts.filter { $0 > defaults.start }.map { start in
                HysteresisThresholds(start: start, end: (start * ratio * 100).rounded() / 100)
            }
    }

    /// Chooses the thresholds of all labels.
    ///
    /// - Parameters:
    ///   - labels: The labels' texts.
    ///   - counts: The number of alarms of each label at each of the candidates.
    ///   - candidates: The candidates for the thresholds, in ascending order.
    ///   - observedDuration: The duration of the recordings, in media time; positive.
    ///   - budget: The maximum of alarms per day and source over all labels; limited to at least 1e-9.
    public init(
        labels: [String], counts: [[Int]], candidates: [HysteresisThresholds], observedDuration: Duration,
        budget: Double
    ) {
        precondition(labels.count == counts.count && observedDuration > .zero)
        let budget = budget > Self.minimumBudget ? budget : Self.minimumBudget
        let days = observedDuration / .seconds(86_400)
        func upperBoundPerDay(_ alarms: Int, _ labels: Int) -> Double {
            labels == 0 ? 0 : PoissonBound.upper(count: alarms + labels - 1, confidence: Self.confidence) / days
        }
        // Each label's thresholds are chosen by its own highest alarm, which adds one to the expected number.
        let alarmsPerLabel = Self.largest(upTo: counts.joined().max() ?? 0) { alarms in
            upperBoundPerDay(alarms * labels.count, labels.count) <= budget
        }

        self.labels = zip(labels, counts).map { label, counts in
            // Higher thresholds may have more alarms than lower ones, at which they are one long event.
            let index = counts.lastIndex { $0 > alarmsPerLabel }.map { $0 + 1 } ?? 0
            let isFound = index < candidates.count
            return Label(
                label: label, thresholds: isFound ? candidates[index] : nil, alarms: isFound ? counts[index] : 0,
                alarmsAtDefault: counts.first ?? 0, upperBoundPerDay: isFound ? upperBoundPerDay(counts[index], 1) : 0)
        }
        self.observedDuration = observedDuration
        self.budget = budget
        self.upperBoundPerDay = 0
        self.upperBoundPerDay = upperBoundPerDay(self.alarms, self.labels.count { $0.thresholds != nil })
    }

    /// Returns the largest number up to a maximum for which a condition holds; 0 if it holds for none above 0.
    ///
    /// The condition must hold for all numbers below the result.
    private static func largest(upTo maximum: Int, where isTrue: (Int) -> Bool) -> Int {
        var (low, high) = (0, maximum)
        while low < high {
            let middle = high - (high - low) / 2
            if isTrue(middle) { low = middle } else { high = middle - 1 }
        }
        return low
    }
}
