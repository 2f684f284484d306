/// The number of windows per second of real time, over the last seconds.
struct WindowRate {
    private var arrivals: [ContinuousClock.Instant] = []
    private static let period: Duration = .seconds(4)

    mutating func windowArrived(at now: ContinuousClock.Instant) {
        self.arrivals.append(now)
        self.arrivals.removeAll { now - $0 > Self.period }
    }

    /// `nil` until there are two windows at different times.
    var perSecond: Double? {
        guard let first = self.arrivals.first, let last = self.arrivals.last, last > first else { return nil }
        return Double(self.arrivals.count - 1) / ((last - first) / .seconds(1))
    }
}
