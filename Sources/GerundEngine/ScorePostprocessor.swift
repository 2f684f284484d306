package import GerundCore
package import GerundEvents
import GerundStream

/// A pure state machine that turns the logits of one source's windows into scores, the leading label and events.
package struct ScorePostprocessor: Sendable {
    /// The result of one window.
    package struct Decision: Sendable {
        /// The index of the leading label; `nil` if none is above its threshold.
        package var label: Int?
        /// The smoothed scores of all labels.
        package var scores: [Double]
        /// The events that start, continue or end with the window.
        package var changes: [EventSegmenter.Change]

        /// The indices of the labels whose events start.
        var started: Set<Int> {
            Set(self.changes.compactMap { if case .started(let label, _, _) = $0 { label } else { nil } })
        }
    }

    private var labels: [String]
    /// The start threshold of each label.
    private var startThresholds: [Double]
    private var smoother: ScoreSmoother
    private var leading: LabelHysteresis
    private var segmenter: EventSegmenter
    /// The segmenter that replaces ``segmenter`` if events of different labels may overlap.
    private var overlapping: MultiLabelEventSegmenter?

    /// Creates a postprocessor for the labels, thresholds, smoothing and windows of a configuration.
    package init(configuration: RecognizerConfiguration) {
        self.labels = configuration.labels.labels
        self.startThresholds = Self.startThresholds(of: configuration)
        self.smoother = ScoreSmoother(halfLife: configuration.smoothing)
        self.leading = LabelHysteresis(
            thresholds: configuration.thresholds, labels: configuration.labels.labels)
        self.segmenter = EventSegmenter(
            thresholds: configuration.thresholds, windowExtent: configuration.plan.windowExtent,
            smoothingHalfLife: configuration.smoothing)
        self.overlapping =
            configuration.thresholds.allowsOverlap
            ? MultiLabelEventSegmenter(
                thresholds: configuration.thresholds, labels: configuration.labels.labels,
                windowExtent: configuration.plan.windowExtent, smoothingHalfLife: configuration.smoothing) : nil
    }

    /// Processes a window.
    ///
    /// - Parameters:
    ///   - logits: The logits of all labels, followed by those of the background phrases.
    ///   - time: The media time of the window's newest frame.
    /// - Returns: The leading label, the smoothed scores and the events.
    package mutating func windowArrived(logits: [Float], at time: MediaTime) -> Decision {
        self.decide(self.smoother.scoresArrived(self.scores(logits), at: time), at: time)
    }

    /// Processes a window that was recomputed exactly because a fast one would have started an event.
    ///
    /// An event starts only if the window's own score is above the start threshold too: the smoothed score still
    /// contains fast windows.
    ///
    /// - Parameters:
    ///   - logits: The exact logits of all labels, followed by those of the background phrases.
    ///   - time: The media time of the window's newest frame.
    /// - Returns: The leading label, the smoothed scores and the events.
    package mutating func exactWindowArrived(logits: [Float], at time: MediaTime) -> Decision {
        let scores = self.scores(logits)
        let smoothed = self.smoother.scoresArrived(scores, at: time)
        let thresholds = self.startThresholds
        return self.decide(smoothed, at: time) { scores[$0] > thresholds[$0] }
    }

    /// Returns whether a fast window would start an event that it might not start if it were exact.
    ///
    /// - Parameters:
    ///   - logits: The logits of the fast window.
    ///   - time: The media time of the window's newest frame.
    ///   - bound: The maximum error of a score. It bounds smoothed scores too, as they are means of scores.
    /// - Returns: `true` if the window must be recomputed exactly; `false` also if it starts no event.
    package func needsExactConfirmation(logits: [Float], at time: MediaTime, bound: Double) -> Bool {
        var optimistic = self
        let decision = optimistic.windowArrived(logits: logits, at: time)
        let started = decision.started
        guard !started.isEmpty else { return false }
        let scores = decision.scores.enumerated().map { label, score in
            started.contains(label) ? max(0, score - bound) : min(1, score + bound)
        }
        var pessimistic = self
        return !pessimistic.decide(scores, at: time).started.isSuperset(of: started)
    }

    /// Applies the labels, thresholds and smoothing of another configuration from the next window on.
    ///
    /// Scores and events of labels that remain continue; open events of labels that are gone end.
    ///
    /// - Parameters:
    ///   - configuration: The new configuration.
    ///   - time: The media time of the newest frame.
    /// - Returns: The events that end, with the indices that their labels had before the update.
    package mutating func update(
        to configuration: RecognizerConfiguration, at time: MediaTime
    ) -> [EventSegmenter.Change] {
        let new = configuration.labels.labels
        let indices = Dictionary(uniqueKeysWithValues: zip(new, new.indices))
        let newIndices = self.labels.map { indices[$0] }
        self.labels = new
        self.startThresholds = Self.startThresholds(of: configuration)
        self.smoother.reconfigure(
            halfLife: configuration.smoothing, newIndices: newIndices, labelCount: new.count)
        self.leading.reconfigure(thresholds: configuration.thresholds, labels: new, newIndices: newIndices)
        if self.overlapping != nil {
            return self.overlapping?.reconfigure(
                thresholds: configuration.thresholds, smoothingHalfLife: configuration.smoothing, labels: new, at: time)
                ?? []
        }
        return self.segmenter.reconfigure(
            thresholds: configuration.thresholds, smoothingHalfLife: configuration.smoothing, newIndices: newIndices,
            at: time)
    }

    /// Ends the open events and resets all state, because the stream ended or was interrupted.
    ///
    /// - Parameters:
    ///   - time: The media time of the last frame.
    ///   - isInterrupted: Whether the open events end as interrupted.
    /// - Returns: The events that end.
    package mutating func streamEnded(at time: MediaTime, isInterrupted: Bool) -> [EventSegmenter.Change] {
        self.smoother.reset()
        self.leading.reset()
        if self.overlapping != nil {
            return self.overlapping?.streamEnded(at: time, isInterrupted: isInterrupted) ?? []
        }
        return self.segmenter.streamEnded(at: time, isInterrupted: isInterrupted)
    }

    private static func startThresholds(of configuration: RecognizerConfiguration) -> [Double] {
        configuration.labels.labels.map { configuration.thresholds.thresholds(for: $0).start }
    }

    private func scores(_ logits: [Float]) -> [Double] {
        LabelScores(logits: logits, labelCount: self.labels.count).scores
    }

    /// Derives the leading label and the events from smoothed scores.
    ///
    /// - Parameters:
    ///   - smoothed: The smoothed scores of all labels.
    ///   - time: The media time of the window's newest frame.
    ///   - allowsStart: Returns whether an event of a label may start with this window.
    /// - Returns: The leading label, the smoothed scores and the events.
    private mutating func decide(
        _ smoothed: [Double], at time: MediaTime, allowsStart: (Int) -> Bool = { _ in true }
    ) -> Decision {
        let label = self.leading.scoresArrived(smoothed, at: time)
        if let changes = self.overlapping?.windowArrived(smoothed, at: time, allowsStart: allowsStart) {
            return Decision(label: label, scores: smoothed, changes: changes)
        }
        let changes = self.segmenter.windowArrived(
            label: label, score: label.map { smoothed[$0] } ?? 0, at: time,
            isAboveStartThreshold: label.map { smoothed[$0] > self.startThresholds[$0] } ?? false,
            allowsStart: label.map(allowsStart) ?? true)
        return Decision(label: label, scores: smoothed, changes: changes)
    }
}
