/// Between which scores a label counts as seen.
public struct EventLevels: Sendable, Hashable {
    /// The smoothed score above which a label counts as seen.
    public var enter: Double
    /// The smoothed score below which a seen label no longer is; not above ``enter``.
    public var exit: Double

    public init(enter: Double, exit: Double) {
        precondition(exit <= enter, "exit \(exit) above enter \(enter)")
        self.enter = enter
        self.exit = exit
    }
}
