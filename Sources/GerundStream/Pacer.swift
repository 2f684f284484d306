public import GerundCore

/// Spreads frames over time as their media times lie: for files played as if they were live, and for streams that
/// arrive in bursts.
///
/// A pure value: the thread that reads tells the time and does the waiting.
public struct Pacer: Sendable {
    /// A frame later than this moves the schedule: what was lost is not made up by a rush.
    public static let slack: Duration = .seconds(1)

    private var anchor: (time: MediaTime, instant: ContinuousClock.Instant)?

    public init() {}

    /// - Returns: How long to hold back a frame of the given media time; zero for one that is due.
    public mutating func delay(before time: MediaTime, now: ContinuousClock.Instant) -> Duration {
        guard let anchor = self.anchor else {
            self.anchor = (time, now)
            return .zero
        }
        let delay = now.duration(to: anchor.instant + (time - anchor.time))
        if delay < .zero - Self.slack { self.anchor = (time, now) }
        return max(delay, .zero)
    }
}
