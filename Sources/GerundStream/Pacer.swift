public import GerundCore

/// Paces frames to real time by their media time, for files that are played as if they were live and for streams that
/// arrive in bursts.
///
/// The caller provides the current time and does the waiting.
public struct Pacer: Sendable {
    /// The lag behind the schedule beyond which the schedule is moved, so that lost time isn't made up by a burst.
    public static let maximumLag: Duration = .seconds(1)

    private var anchor: (time: MediaTime, instant: ContinuousClock.Instant)?

    /// Creates a pacer whose schedule starts at the first frame.
    public init() {}

    /// Returns the time by which a frame must be delayed.
    ///
    /// - Parameters:
    ///   - time: The frame's media time.
    ///   - now: The current time.
    /// - Returns: The delay; zero for a frame that is due.
    public mutating func delay(before time: MediaTime, now: ContinuousClock.Instant) -> Duration {
        guard let anchor = self.anchor else {
            self.anchor = (time, now)
            return .zero
        }
        let delay = now.duration(to: anchor.instant + (time - anchor.time))
        if delay < .zero - Self.maximumLag { self.anchor = (time, now) }
        return max(delay, .zero)
    }
}
