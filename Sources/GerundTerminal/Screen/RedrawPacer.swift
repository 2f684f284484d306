/// Decides when the view is drawn anew: at once after a change, but no more than ten times a second; and once a second
/// without one, because clocks and histories go on.
public struct RedrawPacer: Sendable {
    public enum Action: Sendable, Hashable {
        case draw
        /// Ask again after so long, or when something changes.
        case wait(Duration)
    }

    static let interval: Duration = .milliseconds(100)
    static let idleInterval: Duration = .seconds(1)
    private var last: ContinuousClock.Instant?

    public init() {}

    /// - Parameter hasChanged: Since the last drawing.
    public mutating func next(hasChanged: Bool, at now: ContinuousClock.Instant) -> Action {
        let due = self.last.map { $0 + (hasChanged ? Self.interval : Self.idleInterval) } ?? now
        guard now >= due else { return .wait(due - now) }
        self.last = now
        return .draw
    }
}
