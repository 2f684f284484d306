public import GerundCore

/// A state machine that turns the leading labels of one source's windows into events with a start and an end.
///
/// Call ``windowArrived(label:score:at:isAboveStartThreshold:allowsStart:)`` once per window; it returns the resulting
/// changes. Events never overlap; none is shorter than the minimum duration unless it was interrupted; each start is
/// followed by exactly one end.
///
/// A label change is detected late: a window shows mostly the new action only after half its length, and smoothed
/// scores reach half of a change after one half-life. The start and the end of an event are therefore placed half a
/// window plus one half-life before the newest frame of the window in which the change was first detected, but never
/// before that window's oldest frame. An event in the first window starts at that window's oldest frame; one that is
/// open at the end ends at the last frame.
public struct EventSegmenter: Sendable {
    /// A change to an event, reported after a window.
    ///
    /// Labels are indices; times are media times.
    public enum Change: Sendable, Hashable {
        /// An event has started.
        ///
        /// - Parameters:
        ///   - label: The index of the event's label.
        ///   - start: The media time at which the action started.
        ///   - score: The label's smoothed score in the window that confirmed the start.
        case started(label: Int, start: MediaTime, score: Double)
        /// An event is ongoing; emitted every ``EventThresholds/updateInterval``.
        ///
        /// - Parameters:
        ///   - label: The index of the event's label.
        ///   - start: The media time at which the action started.
        ///   - peak: The highest smoothed score so far.
        case updated(label: Int, start: MediaTime, peak: Double)
        /// An event has ended.
        ///
        /// - Parameters:
        ///   - label: The index of the event's label.
        ///   - start: The media time at which the action started.
        ///   - end: The media time at which the action ended.
        ///   - peak: The highest smoothed score of the event.
        ///   - isInterrupted: Whether the event was cut short: by a disconnection, a discontinuity, a cancellation, or
        ///     the removal of its source or label.
        case ended(label: Int, start: MediaTime, end: MediaTime, peak: Double, isInterrupted: Bool)
    }

    /// An event that is open, or that may start.
    private struct EventState {
        var label: Int
        let start: MediaTime
        /// The newest frame of the first window.
        let firstSeen: MediaTime
        var peak: Double
        /// The time of the last start or update that was reported.
        var lastReported: MediaTime
        /// The media time at which the label ceased to lead; `nil` while it leads.
        var end: MediaTime?
    }

    private var thresholds: EventThresholds
    private let windowExtent: Duration
    private var smoothingHalfLife: Duration
    /// The event that is open, or whose pause may still turn out to be short.
    private var openEvent: EventState?
    /// A label that leads, but not yet for long enough.
    private var candidate: EventState?
    private var isFirstWindow = true
    /// The end of the last event: the next one can't start earlier.
    private var earliestStart = MediaTime.zero
    /// The media time from which the next event of a label may start, for labels that had one.
    private var cooldownEnd: [Int: MediaTime] = [:]

    /// Creates a state machine without an event.
    ///
    /// - Parameters:
    ///   - thresholds: The rules by which events start and end.
    ///   - windowExtent: The media time from a window's oldest to its newest frame.
    ///   - smoothingHalfLife: The half-life of the score smoothing.
    public init(thresholds: EventThresholds, windowExtent: Duration, smoothingHalfLife: Duration = .zero) {
        self.thresholds = thresholds
        self.windowExtent = windowExtent
        self.smoothingHalfLife = smoothingHalfLife
    }

    /// Processes one window.
    ///
    /// - Parameters:
    ///   - label: The index of the leading label; `nil` for none.
    ///   - score: The label's smoothed score; ignored without a label.
    ///   - time: The media time of the window's newest frame; must increase from call to call.
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

        // Checked before the label: a pause without windows counts, too.
        if let end = self.openEvent?.end, transition - end > self.thresholds.mergeGap { changes += self.close() }
        if var event = self.openEvent {
            if event.label == label {
                event.end = nil
                event.peak = max(event.peak, score)
                self.candidate = nil
                if let interval = self.thresholds.updateInterval, time - event.lastReported >= interval {
                    event.lastReported = time
                    changes.append(.updated(label: event.label, start: event.start, peak: event.peak))
                }
            } else if event.end == nil {
                event.end = max(event.start, transition)
            }
            self.openEvent = event
        }
        guard let label, label != self.openEvent?.label, isAboveStartThreshold else {
            self.candidate = nil
            return changes
        }

        let start = max(transition, self.earliestStart)
        guard self.cooldownEnd[label].map({ start >= $0 }) ?? true else {
            self.candidate = nil
            return changes
        }
        if self.candidate?.label != label {
            self.candidate = EventState(label: label, start: start, firstSeen: time, peak: score, lastReported: time)
        }
        guard var event = self.candidate else { return changes }
        event.peak = max(event.peak, score)
        event.lastReported = time
        self.candidate = event
        guard allowsStart, time - event.firstSeen >= self.thresholds.minimumDuration else { return changes }

        changes += self.close()
        self.candidate = nil
        self.openEvent = event
        changes.append(.started(label: event.label, start: event.start, score: score))
        return changes
    }

    /// Returns the estimated time of a label change that was first detected in the window whose newest frame is at
    /// `time`.
    private func transitionTime(before time: MediaTime) -> MediaTime {
        time - min(self.windowExtent / 2 + self.smoothingHalfLife, self.windowExtent)
    }

    /// Applies new thresholds and labels.
    ///
    /// An open event of a label that is gone ends where it would if another label led from now on.
    ///
    /// - Parameters:
    ///   - thresholds: The new thresholds.
    ///   - smoothingHalfLife: The new half-life of the score smoothing.
    ///   - newIndices: For each old label its index among the new ones; `nil` if it is gone.
    ///   - time: The media time of the newest frame.
    /// - Returns: The events that end, with the old indices of their labels.
    public mutating func reconfigure(
        thresholds: EventThresholds, smoothingHalfLife: Duration, newIndices: [Int?], at time: MediaTime
    ) -> [Change] {
        // An event that ends here was seen in scores with the old smoothing.
        let transition = self.transitionTime(before: time)
        self.thresholds = thresholds
        self.smoothingHalfLife = smoothingHalfLife
        let cooldownEnd = Dictionary(
            uniqueKeysWithValues: self.cooldownEnd.compactMap { label, time in newIndices[label].map { ($0, time) } })
        // Done last, because closing an event below uses the old index of its label.
        defer { self.cooldownEnd = cooldownEnd }
        if let event = self.candidate {
            self.candidate?.label = newIndices[event.label] ?? event.label
            if newIndices[event.label] == nil { self.candidate = nil }
        }
        guard var event = self.openEvent else { return [] }
        if let index = newIndices[event.label] {
            self.openEvent?.label = index
            return []
        }
        let wasLeading = event.end == nil
        event.end = event.end ?? max(event.start, transition)
        self.openEvent = event
        return self.close(isInterrupted: wasLeading)
    }

    /// Ends the open event at the last frame, because the stream ended or was interrupted.
    ///
    /// Windows may follow, after a discontinuity or a reconnection.
    ///
    /// - Parameters:
    ///   - time: The media time of the last frame.
    ///   - isInterrupted: Whether the action presumably continued: the source was disconnected or removed, the timeline
    ///     was discontinuous, or the run was cancelled.
    /// - Returns: The end of the event, if one was open.
    public mutating func streamEnded(at time: MediaTime, isInterrupted: Bool) -> [Change] {
        var wasLeading = false
        if var event = self.openEvent, event.end == nil {
            wasLeading = true
            event.end = time
            self.openEvent = event
        }
        let changes = self.close(isInterrupted: isInterrupted && wasLeading)
        self.candidate = nil
        self.isFirstWindow = true
        self.earliestStart = max(self.earliestStart, time)
        return changes
    }

    private mutating func close(isInterrupted: Bool = false) -> [Change] {
        guard let event = self.openEvent, let end = event.end else { return [] }
        self.openEvent = nil
        self.earliestStart = max(self.earliestStart, end)
        if self.thresholds.cooldown > .zero { self.cooldownEnd[event.label] = end + self.thresholds.cooldown }
        return [
            .ended(
                label: event.label, start: event.start, end: end, peak: event.peak, isInterrupted: isInterrupted)
        ]
    }
}
