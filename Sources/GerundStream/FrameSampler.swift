public import GerundCore

/// Selects frames by presentation time: one per tick of a regular grid that starts at the first frame of each segment,
/// the part of a stream between two discontinuities.
///
/// A frame is selected when its time reaches the next due tick, so streams with 25 fps, 15 fps or a variable frame rate
/// are all sampled on the same grid. Ticks without a frame are skipped, never filled in.
///
///     var sampler = FrameSampler(samplingInterval: .milliseconds(250))
///     sampler.frameArrived(at: .zero)                       // 0
///     sampler.frameArrived(at: MediaTime(seconds: 0.24))    // nil: not due
///     sampler.frameArrived(at: MediaTime(seconds: 0.28))    // 1
public struct FrameSampler: Sendable {
    /// The maximum time by which a frame may be early and still count as on time.
    ///
    /// Containers round timestamps, at worst to whole milliseconds, so the interval between two of them is off by at
    /// most 1 ms. The tolerance is half a millisecond more than that, and far less than the interval between
    /// consecutive frames.
    static let tolerance: Duration = .microseconds(1500)

    /// The interval between consecutive ticks, in nanoseconds.
    private let samplingInterval: Int64
    private let tolerance: Int64
    /// The time and tick of the current segment's first frame.
    private var origin: (time: MediaTime, tick: Int64)?
    private var lastTick: Int64 = -1

    /// Creates a sampler.
    ///
    /// - Parameter samplingInterval: The media time between consecutive ticks, at least a microsecond.
    public init(samplingInterval: Duration) {
        precondition(samplingInterval >= .microseconds(1), "invalid sampling interval \(samplingInterval)")
        self.samplingInterval = samplingInterval.truncatedNanoseconds
        self.tolerance = min(Self.tolerance.truncatedNanoseconds, self.samplingInterval / 4)
    }

    /// Decides whether a frame is selected.
    ///
    /// - Parameter time: The frame's media time; must not decrease from call to call.
    /// - Returns: The tick that the frame is selected for, or `nil` if no tick is due.
    public mutating func frameArrived(at time: MediaTime) -> Int64? {
        guard let origin = self.origin else {
            // Tick numbers follow media time across a discontinuity: those that fall into the gap are skipped.
            let tick = max(self.lastTick + 1, time.nanoseconds / self.samplingInterval)
            self.origin = (time, tick)
            self.lastTick = tick
            return tick
        }
        let elapsed = time.nanoseconds - origin.time.nanoseconds
        let tick = origin.tick + (elapsed + self.tolerance) / self.samplingInterval
        guard tick > self.lastTick else { return nil }
        self.lastTick = tick
        return tick
    }

    /// Starts a new grid at the next frame, which is selected.
    public mutating func segmentBegan() {
        self.origin = nil
    }
}
