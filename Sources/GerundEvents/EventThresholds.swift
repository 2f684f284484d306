/// When an event starts and when it ends.
public struct EventThresholds: Sendable, Hashable {
    /// The smoothed score above which a label counts as seen.
    public var enter: Double
    /// The smoothed score below which a seen label no longer is; not above ``enter``.
    public var exit: Double
    /// How long a label has to be seen before it is an event.
    public var minimumDuration: Duration
    /// The longest pause inside one event.
    public var mergeGap: Duration

    public init(
        enter: Double = 0.6, exit: Double = 0.4, minimumDuration: Duration = .milliseconds(500),
        mergeGap: Duration = .seconds(1)
    ) {
        precondition(exit <= enter, "exit \(exit) above enter \(enter)")
        self.enter = enter
        self.exit = exit
        self.minimumDuration = minimumDuration
        self.mergeGap = mergeGap
    }
}

/// Which label a window is given, with hysteresis: one that is shown stays until it falls below the exit level, or
/// another one leads above the enter level.
public struct LeadingLabel: Sendable {
    private let thresholds: EventThresholds
    /// The index of the label that is shown; `nil` is none.
    public private(set) var label: Int?

    public init(thresholds: EventThresholds) {
        self.thresholds = thresholds
    }

    /// - Parameter scores: The labels' smoothed scores.
    /// - Returns: The index of the leading label, or `nil` when none leads.
    public mutating func scoresArrived(_ scores: [Double]) -> Int? {
        guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }) else { return nil }
        if scores[best] > self.thresholds.enter {
            self.label = best
        } else if let label = self.label, !(scores[label] >= self.thresholds.exit) {
            self.label = nil
        }
        return self.label
    }

    /// Forgets the past: the source's timeline broke.
    public mutating func reset() {
        self.label = nil
    }
}
