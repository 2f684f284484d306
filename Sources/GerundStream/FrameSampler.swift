public import GerundCore

/// Chooses frames by presentation time: one for each point of a grid that starts at the segment's first frame.
///
/// A frame is taken when its time reaches the next due point, so streams of 25 and of 15 frames per second, or of a
/// variable rate, are sampled at the same points. Points for which no frame came are skipped, never made up.
///
///     var sampler = FrameSampler(period: .milliseconds(250))
///     sampler.frameArrived(at: .zero)                       // 0
///     sampler.frameArrived(at: MediaTime(seconds: 0.24))    // nil: not due
///     sampler.frameArrived(at: MediaTime(seconds: 0.28))    // 1
public struct FrameSampler: Sendable {
    /// A frame this much early counts as on time.
    ///
    /// Containers round time stamps, at worst to whole milliseconds: the distance of two of them is off by 1 ms at
    /// most. Half a millisecond more than that, and far less than the distance of two frames.
    static let tolerance: Duration = .microseconds(1500)

    /// The distance of the grid's points, in nanoseconds.
    private let period: Int64
    private let tolerance: Int64
    /// The grid of the present segment: its first frame's time and point.
    private var origin: (time: MediaTime, slot: Int64)?
    private var lastSlot: Int64 = -1

    /// - Parameter period: The distance of the grid's points; at least a microsecond.
    public init(period: Duration) {
        precondition(period >= .microseconds(1), "a sampling period of \(period)")
        self.period = period.wholeNanoseconds
        self.tolerance = min(Self.tolerance.wholeNanoseconds, self.period / 4)
    }

    /// - Parameter time: The frame's media time, not before that of an earlier frame.
    /// - Returns: The number of the grid's point that the frame stands for, or `nil` when no point is due.
    public mutating func frameArrived(at time: MediaTime) -> Int64? {
        guard let origin = self.origin else {
            // The number tells the time also after a break: points that passed meanwhile are left out.
            let slot = max(self.lastSlot + 1, time.nanoseconds / self.period)
            self.origin = (time, slot)
            self.lastSlot = slot
            return slot
        }
        let elapsed = time.nanoseconds - origin.time.nanoseconds
        let slot = origin.slot + (elapsed + self.tolerance) / self.period
        guard slot > self.lastSlot else { return nil }
        self.lastSlot = slot
        return slot
    }

    /// The timeline broke: the next frame is due, and the grid starts anew with it.
    public mutating func segmentBegan() {
        self.origin = nil
    }
}
