import GerundCore

/// The arrival times of a source's recent frames, from which the wall-clock time of any recent media time is estimated.
struct ArrivalHistory {
    private struct Arrival {
        let time: MediaTime
        let instant: ContinuousClock.Instant
    }

    /// The number of frames that are kept: minutes at the usual sampling rates.
    private let capacity: Int
    /// The newest frame is the last one.
    private var arrivals: [Arrival] = []

    /// Creates an empty history.
    ///
    /// - Parameter capacity: The number of frames that are kept; at least 2.
    init(capacity: Int = 512) {
        self.capacity = max(2, capacity)
    }

    /// Adds a frame.
    ///
    /// - Parameters:
    ///   - time: The frame's media time; must not decrease from call to call.
    ///   - instant: The time at which the frame arrived.
    mutating func frameArrived(at time: MediaTime, instant: ContinuousClock.Instant) {
        // Half of the frames are removed at a time, so that a frame costs no more than a few copies.
        if self.arrivals.count == 2 * self.capacity { self.arrivals.removeFirst(self.capacity) }
        self.arrivals.append(Arrival(time: time, instant: instant))
    }

    /// Returns the estimated instant of a media time: interpolated between the frames around it, and continued in real
    /// time before the oldest and after the newest one.
    ///
    /// - Parameter time: The media time.
    /// - Returns: The instant; `nil` without frames.
    func instant(of time: MediaTime) -> ContinuousClock.Instant? {
        guard let oldest = self.arrivals.first, let newest = self.arrivals.last else { return nil }
        if time <= oldest.time { return oldest.instant - (oldest.time - time) }
        if time >= newest.time { return newest.instant + (time - newest.time) }
        var (low, high) = (0, self.arrivals.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if self.arrivals[middle].time <= time { low = middle } else { high = middle }
        }
        let (before, after) = (self.arrivals[low], self.arrivals[high])
        let fraction = (time - before.time) / (after.time - before.time)
        return before.instant + before.instant.duration(to: after.instant) * fraction
    }
}
