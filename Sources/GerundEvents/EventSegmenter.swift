public import GerundCore

/// A state machine that turns the leading labels of one source's windows into events with a start and an end.
///
/// Call ``windowArrived(label:score:at:isAboveStartThreshold:allowsStart:)`` once per window; it returns the resulting
/// changes. Events never overlap; none is shorter than the minimum duration unless it was interrupted; each start is
/// followed by exactly one end.
///
/// A window represents the time that it covers: when its label changes, about half of it shows the new action; and
/// smoothed scores have come half of the way to their new values after one half-life. Therefore both ends of an event
/// are dated half a window and one half-life before the newest frame of the window that brought them, but not before
/// its oldest frame. At the edges of the stream, where there is nothing else to see, they are the edges.
public struct EventSegmenter: Sendable {
    /// A change that a window made certain.
    ///
    /// Labels are indices; times are media times.
    public enum Change: Sendable, Hashable {
        /// An event has started.
        ///
        /// - Parameters:
        ///   - label: The index of the event's label.
        ///   - start: When the action started.
        ///   - score: The label's smoothed score in the window that made the start certain.
        case started(label: Int, start: MediaTime, score: Double)
        /// An event is ongoing; emitted every ``EventThresholds/updateInterval``.
        ///
        /// - Parameters:
        ///   - label: The index of the event's label.
        ///   - start: When the action started.
        ///   - peak: The highest smoothed score so far.
        case updated(label: Int, start: MediaTime, peak: Double)
        /// An event has ended.
        ///
        /// - Parameters:
        ///   - label: The index of the event's label.
        ///   - start: When the action started.
        ///   - end: When the action ended.
        ///   - peak: The highest smoothed score of the event.
        ///   - isInterrupted: Whether the stream ended while the action was ongoing.
        case ended(label: Int, start: MediaTime, end: MediaTime, peak: Double, isInterrupted: Bool)
    }

    /// A sequence of windows with one label.
    private struct Segment {
        var label: Int
        let start: MediaTime
        /// The newest frame of the first window.
        let firstSeen: MediaTime
        var peak: Double
        /// The time of the last start or update that was reported.
        var lastReported: MediaTime
        /// When the label ceased to lead; `nil` while it leads.
        var end: MediaTime?
    }

    private var thresholds: EventThresholds
    private let windowExtent: Duration
    private var smoothing: Duration
    /// The event that is open, or whose pause may still turn out to be short.
    private var open: Segment?
    /// A label that leads, but not yet for long enough.
    private var candidate: Segment?
    private var isFirstWindow = true
    /// The end of the last event: the next one can't start earlier.
    private var earliestStart = MediaTime.zero
    /// When the next event of a label may start, for labels that had one.
    private var cooldownEnd: [Int: MediaTime] = [:]

    /// Creates a state machine without an event.
    ///
    /// - Parameters:
    ///   - thresholds: The rules by which events start and end.
    ///   - windowExtent: The media time from a window's oldest to its newest frame.
    ///   - smoothing: The half-life over which scores were smoothed.
    public init(thresholds: EventThresholds, windowExtent: Duration, smoothing: Duration = .zero) {
        self.thresholds = thresholds
        self.windowExtent = windowExtent
        self.smoothing = smoothing
    }

    /// Processes one window.
    ///
    /// - Parameters:
    ///   - label: The index of the leading label; `nil` for none.
    ///   - score: The label's smoothed score; ignored without a label.
    ///   - time: The media time of the window's newest frame; increases from call to call.
    ///   - isAboveStartThreshold: Whether the score is above the label's start threshold. An open event continues
    ///     otherwise; for an event to start, it must be so in all windows of the minimum duration.
    ///   - allowsStart: Whether the window is good enough to start an event. Otherwise, an event that is due waits for
    ///     the next window.
    /// - Returns: The changes, in the order in which they happened.
    public mutating func windowArrived(
        label: Int?, score: Double, at time: MediaTime, isAboveStartThreshold: Bool = true, allowsStart: Bool = true
    ) -> [Change] {
        var changes: [Change] = []
        let transition = self.isFirstWindow ? time - self.windowExtent : self.transitionTime(before: time)
        self.isFirstWindow = false

        // Checked before the label: a pause in which no window came is a pause too.
        if let end = self.open?.end, transition - end > self.thresholds.mergeGap { changes += self.close() }
        if var segment = self.open {
            if segment.label == label {
                segment.end = nil
                segment.peak = max(segment.peak, score)
                self.candidate = nil
                if let interval = self.thresholds.updateInterval, time - segment.lastReported >= interval {
                    segment.lastReported = time
                    changes.append(.updated(label: segment.label, start: segment.start, peak: segment.peak))
                }
            } else if segment.end == nil {
                segment.end = max(segment.start, transition)
            }
            self.open = segment
        }
        guard let label, label != self.open?.label, isAboveStartThreshold else {
            self.candidate = nil
            return changes
        }

        let start = max(transition, self.earliestStart)
        guard self.cooldownEnd[label].map({ start >= $0 }) ?? true else {
            self.candidate = nil
            return changes
        }
        if self.candidate?.label != label {
            self.candidate = Segment(label: label, start: start, firstSeen: time, peak: score, lastReported: time)
        }
        guard var segment = self.candidate else { return changes }
        segment.peak = max(segment.peak, score)
        segment.lastReported = time
        self.candidate = segment
        guard allowsStart, time - segment.firstSeen >= self.thresholds.minimumDuration else { return changes }

        changes += self.close()
        self.candidate = nil
        self.open = segment
        changes.append(.started(label: segment.label, start: segment.start, score: score))
        return changes
    }

    /// Returns the estimated time of a label change that was first seen in the window whose newest frame is at `time`.
    private func transitionTime(before time: MediaTime) -> MediaTime {
        time - min(self.windowExtent / 2 + self.smoothing, self.windowExtent)
    }

    /// Applies new thresholds and labels.
    ///
    /// An open event of a label that is gone ends where it would if another label led from now on.
    ///
    /// - Parameters:
    ///   - thresholds: The new thresholds.
    ///   - smoothing: The half-life over which scores will be smoothed.
    ///   - newIndices: For each old label its index among the new ones; `nil` if it is gone.
    ///   - time: The media time of the newest frame.
    /// - Returns: The events that end, by the old indices of their labels.
    public mutating func reconfigure(
        thresholds: EventThresholds, smoothing: Duration, newIndices: [Int?], at time: MediaTime
    ) -> [Change] {
        // An event that ends here was seen in scores with the old smoothing.
        let transition = self.transitionTime(before: time)
        self.thresholds = thresholds
        self.smoothing = smoothing
        let cooldownEnd = Dictionary(
            uniqueKeysWithValues: self.cooldownEnd.compactMap { label, time in newIndices[label].map { ($0, time) } })
        // Done last, because closing an event below uses the old index of its label.
        defer { self.cooldownEnd = cooldownEnd }
        if let segment = self.candidate {
            self.candidate?.label = newIndices[segment.label] ?? segment.label
            if newIndices[segment.label] == nil { self.candidate = nil }
        }
        guard var segment = self.open else { return [] }
        if let index = newIndices[segment.label] {
            self.open?.label = index
            return []
        }
        let wasLeading = segment.end == nil
        segment.end = segment.end ?? max(segment.start, transition)
        self.open = segment
        return self.close(isInterrupted: wasLeading)
    }

    /// Ends the open event with the stream.
    ///
    /// - Parameters:
    ///   - time: The media time of the last frame.
    ///   - isInterrupted: Whether the action presumably went on, because the source broke off or the run was ended.
    /// - Returns: The end of the event, if one was open.
    public mutating func streamEnded(at time: MediaTime, isInterrupted: Bool) -> [Change] {
        var wasLeading = false
        if var segment = self.open, segment.end == nil {
            wasLeading = true
            segment.end = time
            self.open = segment
        }
        let changes = self.close(isInterrupted: isInterrupted && wasLeading)
        self.candidate = nil
        self.isFirstWindow = true
        self.earliestStart = max(self.earliestStart, time)
        return changes
    }

    private mutating func close(isInterrupted: Bool = false) -> [Change] {
        guard let segment = self.open, let end = segment.end else { return [] }
        self.open = nil
        self.earliestStart = max(self.earliestStart, end)
        if self.thresholds.cooldown > .zero { self.cooldownEnd[segment.label] = end + self.thresholds.cooldown }
        return [
            .ended(
                label: segment.label, start: segment.start, end: end, peak: segment.peak, isInterrupted: isInterrupted)
        ]
    }
}
