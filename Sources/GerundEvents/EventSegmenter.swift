public import GerundCore

/// Turns the leading labels of one source's windows into events with a start and an end.
///
/// A pure value: a window is a call, what follows from it is returned. Events never overlap; none is shorter than
/// the minimum unless it was interrupted; each start is followed by exactly one end.
///
/// A window speaks for the time that it covers: when its label changes, about half of it shows the new action; and
/// smoothed scores have come half of the way to their new values after one half-life. So both ends are dated half a
/// window and one half-life before the newest frame of the window that brought them, but not before its oldest. At the
/// edges of the footage, where there is nothing else to see, they are the edges.
public struct EventSegmenter: Sendable {
    /// What became certain with a window. Labels are indices.
    public enum Change: Sendable, Hashable {
        case started(label: Int, start: MediaTime, score: Double)
        /// It goes on; told each ``EventThresholds/updatePeriod``.
        case updated(label: Int, start: MediaTime, peak: Double)
        case ended(label: Int, start: MediaTime, end: MediaTime, peak: Double, isInterrupted: Bool)
    }

    /// A stretch of windows with one label.
    private struct Run {
        var label: Int
        let start: MediaTime
        /// The newest frame of the first window.
        let firstSeen: MediaTime
        var peak: Double
        /// When it was told of last.
        var told: MediaTime
        /// Since when the label is no longer seen; `nil` while it is.
        var end: MediaTime?
    }

    private var thresholds: EventThresholds
    private let windowLength: Duration
    private var smoothing: Duration
    /// The event that is open, or whose pause may still turn out to be short.
    private var open: Run?
    /// A label that is seen but not yet long enough.
    private var candidate: Run?
    private var isFirstWindow = true
    /// Where the last event ended: the next one can't start before.
    private var floor = MediaTime.zero
    /// For labels with an event in the past, when the next may start.
    private var earliest: [Int: MediaTime] = [:]

    /// - Parameters:
    ///   - windowLength: From a window's oldest to its newest frame.
    ///   - smoothing: The half-life over which scores were smoothed.
    public init(thresholds: EventThresholds, windowLength: Duration, smoothing: Duration = .zero) {
        self.thresholds = thresholds
        self.windowLength = windowLength
        self.smoothing = smoothing
    }

    /// - Parameters:
    ///   - label: The leading label's index, `nil` for none.
    ///   - score: Its smoothed score; ignored for none.
    ///   - time: The media time of the window's newest frame; rises from call to call.
    ///   - isAboveEnter: Whether the score is above the label's enter level. An event that is open goes on where it isn't;
    ///     for one to start, it has to be all the time.
    ///   - mayStart: Whether the window is good enough to start an event. Else one that is due waits for the next.
    public mutating func windowArrived(
        label: Int?, score: Double, at time: MediaTime, isAboveEnter: Bool = true, mayStart: Bool = true
    ) -> [Change] {
        var changes: [Change] = []
        let turn = self.isFirstWindow ? time - self.windowLength : self.turn(before: time)
        self.isFirstWindow = false

        // Also a pause in which no window came is a pause: looked at before the label is.
        if let end = self.open?.end, turn - end > self.thresholds.mergeGap { changes += self.close() }
        if var run = self.open {
            if run.label == label {
                run.end = nil
                run.peak = max(run.peak, score)
                self.candidate = nil
                if let period = self.thresholds.updatePeriod, time - run.told >= period {
                    run.told = time
                    changes.append(.updated(label: run.label, start: run.start, peak: run.peak))
                }
            } else if run.end == nil {
                run.end = max(run.start, turn)
            }
            self.open = run
        }
        guard let label, label != self.open?.label, isAboveEnter else {
            self.candidate = nil
            return changes
        }

        let start = max(turn, self.floor)
        guard self.earliest[label].map({ start >= $0 }) ?? true else {
            self.candidate = nil
            return changes
        }
        if self.candidate?.label != label {
            self.candidate = Run(label: label, start: start, firstSeen: time, peak: score, told: time)
        }
        guard var run = self.candidate else { return changes }
        run.peak = max(run.peak, score)
        run.told = time
        self.candidate = run
        guard mayStart, time - run.firstSeen >= self.thresholds.minimumDuration else { return changes }

        changes += self.close()
        self.candidate = nil
        self.open = run
        changes.append(.started(label: run.label, start: run.start, score: score))
        return changes
    }

    /// When what a window's label changed for happened, if `time` is that of its newest frame.
    private func turn(before time: MediaTime) -> MediaTime {
        time - min(self.windowLength / 2 + self.smoothing, self.windowLength)
    }

    /// Other thresholds or labels hold from now on: an event of a label that is gone is ended, where one would end to
    /// which another label is preferred now.
    ///
    /// - Parameters:
    ///   - smoothing: The half-life over which scores will be smoothed.
    ///   - places: For each label until now, its index among those to come; `nil` for one that is gone.
    ///   - time: The media time of the newest frame.
    /// - Returns: What ends, by its label's index until now.
    public mutating func change(
        thresholds: EventThresholds, smoothing: Duration, places: [Int?], at time: MediaTime
    ) -> [Change] {
        // An event that ends here was seen in scores that were smoothed as until now.
        let turn = self.turn(before: time)
        self.thresholds = thresholds
        self.smoothing = smoothing
        let earliest = Dictionary(
            uniqueKeysWithValues: self.earliest.compactMap { label, time in places[label].map { ($0, time) } })
        // Last, because an event that is closed here is so by its label's place until now.
        defer { self.earliest = earliest }
        if let run = self.candidate {
            self.candidate?.label = places[run.label] ?? run.label
            if places[run.label] == nil { self.candidate = nil }
        }
        guard var run = self.open else { return [] }
        if let place = places[run.label] {
            self.open?.label = place
            return []
        }
        let wasSeen = run.end == nil
        run.end = run.end ?? max(run.start, turn)
        self.open = run
        return self.close(isInterrupted: wasSeen)
    }

    /// The footage is over: what is open ends with it.
    ///
    /// - Parameters:
    ///   - time: The media time of the last frame.
    ///   - isInterrupted: The action presumably went on: the source broke off or the run was ended.
    public mutating func footageEnded(at time: MediaTime, isInterrupted: Bool) -> [Change] {
        var wasSeen = false
        if var run = self.open, run.end == nil {
            wasSeen = true
            run.end = time
            self.open = run
        }
        let changes = self.close(isInterrupted: isInterrupted && wasSeen)
        self.candidate = nil
        self.isFirstWindow = true
        self.floor = max(self.floor, time)
        return changes
    }

    private mutating func close(isInterrupted: Bool = false) -> [Change] {
        guard let run = self.open, let end = run.end else { return [] }
        self.open = nil
        self.floor = max(self.floor, end)
        if self.thresholds.cooldown > .zero { self.earliest[run.label] = end + self.thresholds.cooldown }
        return [
            .ended(label: run.label, start: run.start, end: end, peak: run.peak, isInterrupted: isInterrupted)
        ]
    }
}
