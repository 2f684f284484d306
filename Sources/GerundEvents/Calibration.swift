import GerundCore

/// Levels that keep false alarms within a budget, by what normal footage showed. A pure value.
///
/// All alarms of normal footage are false. A label's level is the lowest above which so few of them came that the budget
/// is kept with ``confidence``; it was chosen by the same footage, which the bound allows for: see ``PoissonBound``. Both
/// suppose that alarms come independently of each other, and that the days to come are like the footage.
public struct Calibration: Sendable, Hashable {
    public struct Label: Sendable, Hashable {
        public var label: String
        /// `nil` when normal footage looks so much like the label that no level is high enough.
        public var levels: EventLevels?
        /// Alarms in the footage with these levels.
        public var alarms: Int
        /// Alarms in the footage with the lowest levels, those that would be used otherwise.
        public var usualAlarms: Int
        /// What alarms of this label a day and source keep below with ``Calibration/confidence``.
        public var atMostPerDay: Double
    }

    public static let confidence = 0.95

    public var labels: [Label]
    /// Of all sources together.
    public var watched: Duration
    /// Alarms a day and source, of all labels together.
    public var budget: Double
    /// What alarms a day and source of all labels together keep below with ``confidence``.
    public var atMostPerDay: Double

    /// Whether the budget is kept with ``confidence``.
    public var isKept: Bool { self.atMostPerDay <= self.budget }
    /// Alarms in the footage with the chosen levels.
    public var alarms: Int { self.labels.reduce(0) { $0 + $1.alarms } }
    /// So much footage without a single alarm would show that the budget is kept.
    public var neededHours: Double {
        24 * PoissonBound.upper(count: max(0, self.labels.count - 1), confidence: Self.confidence) / self.budget
    }

    /// The levels that are looked at: from the usual ones up, the closer the nearer they come to 1.
    ///
    /// - Parameter usual: The lowest; its exit level is that part of the enter level which it is of all others too.
    public static func levels(from usual: EventLevels) -> [EventLevels] {
        let steps = stride(from: 0.01, to: 0.995, by: 0.01).map { ($0 * 100).rounded() / 100 }
        let enters = steps + [0.995, 0.998, 0.999, 0.9995, 0.9999]
        let ratio = usual.enter > 0 ? usual.exit / usual.enter : 0
        return [usual]
            + enters.filter { $0 > usual.enter }.map { enter in
                EventLevels(enter: enter, exit: min(enter, (enter * ratio * 100).rounded() / 100))
            }
    }

    /// - Parameters:
    ///   - labels: The texts.
    ///   - counts: For each label, its alarms at each of the levels.
    ///   - levels: Rising.
    ///   - watched: The footage's duration; above zero.
    ///   - budget: Alarms a day and source, of all labels together; above zero.
    public init(labels: [String], counts: [[Int]], levels: [EventLevels], watched: Duration, budget: Double) {
        precondition(labels.count == counts.count && watched > .zero && budget > 0)
        let days = watched / .seconds(86_400)
        func atMostPerDay(_ alarms: Int, _ labels: Int) -> Double {
            labels == 0 ? 0 : PoissonBound.upper(count: alarms + labels - 1, confidence: Self.confidence) / days
        }
        // Each label's level is chosen by its own highest alarm, which adds one to those that are to be expected.
        var each = 0
        while atMostPerDay((each + 1) * labels.count, labels.count) <= budget { each += 1 }

        self.labels = zip(labels, counts).map { label, counts in
            // A higher level may have more alarms than a lower one, at which they are one long event.
            let index = counts.lastIndex { $0 > each }.map { $0 + 1 } ?? 0
            let isFound = index < levels.count
            return Label(
                label: label, levels: isFound ? levels[index] : nil, alarms: isFound ? counts[index] : 0,
                usualAlarms: counts.first ?? 0, atMostPerDay: isFound ? atMostPerDay(counts[index], 1) : 0)
        }
        self.watched = watched
        self.budget = budget
        self.atMostPerDay = 0
        self.atMostPerDay = atMostPerDay(self.alarms, self.labels.count { $0.levels != nil })
    }
}
