/// A state machine that decides when the view is redrawn: at once after a change, but at most ten times per second; and
/// once per second without one, because clocks and histories advance.
public struct RedrawThrottle: Sendable {
    /// An action that the caller must take.
    public enum Action: Sendable, Hashable {
        /// Redraw the view now.
        case draw
        /// Ask again after the given time, or when something changes.
        case wait(Duration)
    }

    static let interval: Duration = .milliseconds(100)
    static let idleInterval: Duration = .seconds(1)
    private var last: ContinuousClock.Instant?

    /// Creates a state machine that draws at once.
    public init() {}

    /// Returns the next action.
    ///
    /// - Parameters:
    ///   - hasChanged: Whether something has changed since the last drawing.
    ///   - now: The current time.
    /// - Returns: The action that the caller must take.
    public mutating func next(hasChanged: Bool, at now: ContinuousClock.Instant) -> Action {
        let due = self.last.map { $0 + (hasChanged ? Self.interval : Self.idleInterval) } ?? now
        guard now >= due else { return .wait(due - now) }
        self.last = now
        return .draw
    }
}
