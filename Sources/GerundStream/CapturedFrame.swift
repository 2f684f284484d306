public import GerundCore

/// The metadata of one sampled frame: everything but its pixels.
public struct CapturedFrame: Hashable, Sendable {
    /// The media time, since the source's first frame.
    ///
    /// Strictly increasing.
    public var time: MediaTime
    /// The index of the sampling tick that the frame was chosen for.
    ///
    /// Strictly increasing. Ticks for which the source had no frame, or whose frame was dropped, are skipped.
    public var tick: Int64
    /// The number of discontinuities before this frame, such as a reconnection or a jump of the timestamps.
    ///
    /// A window never spans two segments.
    public var segment: Int
    /// The time at which the frame became available: it was decoded and, if its source is paced, due.
    ///
    /// Capture-to-label latency counts from here.
    public var arrival: ContinuousClock.Instant

    /// Creates the metadata of a frame.
    ///
    /// - Parameters:
    ///   - time: The media time.
    ///   - tick: The index of the sampling tick.
    ///   - segment: The number of discontinuities before the frame.
    ///   - arrival: The time at which the frame became available.
    public init(time: MediaTime, tick: Int64, segment: Int, arrival: ContinuousClock.Instant) {
        self.time = time
        self.tick = tick
        self.segment = segment
        self.arrival = arrival
    }
}
