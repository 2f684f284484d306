public import GerundCore

/// A state machine that turns the scores of one source's windows into events of each label independently, so that
/// several may be open at a time.
///
/// The events of each label keep all promises of ``EventSegmenter``.
public struct MultiLabelEventSegmenter: Sendable {
    /// The state of one label, as if there were no others.
    private struct Track {
        var startThreshold: Double
        var hysteresis: LabelHysteresis
        var segmenter: EventSegmenter

        init(_ label: String, _ thresholds: EventThresholds, windowExtent: Duration, smoothingHalfLife: Duration) {
            self.startThreshold = thresholds.thresholds(for: label).start
            self.hysteresis = LabelHysteresis(thresholds: thresholds, labels: [label])
            self.segmenter = EventSegmenter(
                thresholds: thresholds, windowExtent: windowExtent, smoothingHalfLife: smoothingHalfLife)
        }
    }

    private var labels: [String]
    private var tracks: [Track]
    private let windowExtent: Duration

    /// Creates a state machine without events.
    ///
    /// - Parameters:
    ///   - thresholds: The rules by which events start and end.
    ///   - labels: The labels' texts in the order of the scores.
    ///   - windowExtent: The media time from a window's oldest to its newest frame.
    ///   - smoothingHalfLife: The half-life of the score smoothing.
    public init(
        thresholds: EventThresholds, labels: [String], windowExtent: Duration, smoothingHalfLife: Duration = .zero
    ) {
        self.labels = labels
        self.windowExtent = windowExtent
        self.tracks = labels.map {
            Track($0, thresholds, windowExtent: windowExtent, smoothingHalfLife: smoothingHalfLife)
        }
    }

    /// Processes the scores of one window.
    ///
    /// - Parameters:
    ///   - scores: The smoothed scores of all labels.
    ///   - time: The media time of the window's newest frame; must increase from call to call.
    ///   - allowsStart: Returns whether the window is good enough to start an event of a label.
    /// - Returns: The changes, label by label.
    public mutating func windowArrived(
        _ scores: [Double], at time: MediaTime, allowsStart: (Int) -> Bool = { _ in true }
    ) -> [EventSegmenter.Change] {
        self.tracks.indices.flatMap { index in
            let label = self.tracks[index].hysteresis.scoresArrived([scores[index]], at: time)
            return self.tracks[index].segmenter.windowArrived(
                label: label, score: scores[index], at: time,
                isAboveStartThreshold: scores[index] > self.tracks[index].startThreshold,
                allowsStart: allowsStart(index)
            ).map { $0.relabeled(index) }
        }
    }

    /// Applies new thresholds and labels.
    ///
    /// Open events of labels that are gone end.
    ///
    /// - Parameters:
    ///   - thresholds: The new thresholds.
    ///   - smoothingHalfLife: The new half-life of the score smoothing.
    ///   - labels: The texts of the new labels.
    ///   - time: The media time of the newest frame.
    /// - Returns: The events that end, with the old indices of their labels.
    public mutating func reconfigure(
        thresholds: EventThresholds, smoothingHalfLife: Duration, labels: [String], at time: MediaTime
    ) -> [EventSegmenter.Change] {
        var kept: [String: Track] = [:]
        var changes: [EventSegmenter.Change] = []
        for (index, label) in self.labels.enumerated() {
            var track = self.tracks[index]
            let newIndex = labels.contains(label) ? 0 : nil
            track.startThreshold = thresholds.thresholds(for: label).start
            track.hysteresis.reconfigure(thresholds: thresholds, labels: [label], newIndices: [0])
            changes += track.segmenter.reconfigure(
                thresholds: thresholds, smoothingHalfLife: smoothingHalfLife, newIndices: [newIndex], at: time
            ).map { $0.relabeled(index) }
            if newIndex != nil { kept[label] = track }
        }
        self.labels = labels
        self.tracks = labels.map {
            kept[$0] ?? Track($0, thresholds, windowExtent: self.windowExtent, smoothingHalfLife: smoothingHalfLife)
        }
        return changes
    }

    /// Ends the open events at the last frame, because the stream ended or was interrupted.
    ///
    /// Windows may follow, after a discontinuity or a reconnection.
    ///
    /// - Parameters:
    ///   - time: The media time of the last frame.
    ///   - isInterrupted: Whether the actions presumably continued: the source was disconnected or removed, the
    ///     timeline was discontinuous, or the run was cancelled.
    /// - Returns: The ends of the open events.
    public mutating func streamEnded(at time: MediaTime, isInterrupted: Bool) -> [EventSegmenter.Change] {
        self.tracks.indices.flatMap { index in
            self.tracks[index].hysteresis.reset()
            return self.tracks[index].segmenter.streamEnded(at: time, isInterrupted: isInterrupted)
                .map { $0.relabeled(index) }
        }
    }
}

extension EventSegmenter.Change {
    /// Returns the same change of another label.
    fileprivate func relabeled(_ label: Int) -> Self {
        switch self {
        case .started(_, let start, let score): .started(label: label, start: start, score: score)
        case .updated(_, let start, let peak): .updated(label: label, start: start, peak: peak)
        case .ended(_, let start, let end, let peak, let isInterrupted):
            .ended(label: label, start: start, end: end, peak: peak, isInterrupted: isInterrupted)
        }
    }
}
