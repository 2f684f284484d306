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
    /// How long after the end of an event no other event of the same label starts. What goes on for longer starts then.
    public var cooldown: Duration
    /// Whether each label has its own events, also several at a time; else only the leading label has.
    public var overlaps: Bool
    /// In media time, how often an event that goes on is told of; `nil` for never.
    public var updatePeriod: Duration?
    /// Labels with levels of their own, by their text.
    public var levels: [String: EventLevels]

    public init(
        enter: Double = 0.6, exit: Double = 0.4, minimumDuration: Duration = .milliseconds(500),
        mergeGap: Duration = .seconds(1), cooldown: Duration = .zero, overlaps: Bool = false,
        updatePeriod: Duration? = nil, levels: [String: EventLevels] = [:]
    ) {
        precondition(exit <= enter, "exit \(exit) above enter \(enter)")
        self.enter = enter
        self.exit = exit
        self.minimumDuration = minimumDuration
        self.mergeGap = mergeGap
        self.cooldown = cooldown
        self.overlaps = overlaps
        self.updatePeriod = updatePeriod
        self.levels = levels
    }

    /// The levels of one label: its own, else those of all.
    public func levels(of label: String) -> EventLevels {
        self.levels[label] ?? EventLevels(enter: self.enter, exit: self.exit)
    }
}
