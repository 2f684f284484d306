package import GerundCore
package import GerundEvents
import GerundStream

/// What one source's windows mean: logits to scores, to the leading label, to events.
///
/// A pure value; records are made from what it says.
package struct WindowInterpreter: Sendable {
    /// What one window shows.
    package struct Reading: Sendable {
        /// The leading label's index, `nil` for none.
        package var label: Int?
        /// The smoothed scores of all labels.
        package var scores: [Double]
        package var changes: [EventSegmenter.Change]

        /// The labels of events that start.
        var started: Set<Int> {
            Set(self.changes.compactMap { if case .started(let label, _, _) = $0 { label } else { nil } })
        }
    }

    private var labels: [String]
    /// The score above which each label is seen.
    private var enter: [Double]
    private var smoother: LabelSmoother
    private var leading: LeadingLabel
    private var segmenter: EventSegmenter
    /// Instead of the segmenter, where each label has its own events.
    private var overlapping: OverlappingEvents?

    package init(configuration: RecognizerConfiguration) {
        self.labels = configuration.labels.labels
        self.enter = Self.enterLevels(of: configuration)
        self.smoother = LabelSmoother(halfLife: configuration.smoothing)
        self.leading = LeadingLabel(
            thresholds: configuration.thresholds, labels: configuration.labels.labels)
        self.segmenter = EventSegmenter(
            thresholds: configuration.thresholds, windowLength: configuration.plan.windowLength,
            smoothing: configuration.smoothing)
        self.overlapping =
            configuration.thresholds.overlaps
            ? OverlappingEvents(
                thresholds: configuration.thresholds, labels: configuration.labels.labels,
                windowLength: configuration.plan.windowLength, smoothing: configuration.smoothing) : nil
    }

    /// - Parameter time: Media time of the window's newest frame.
    package mutating func windowArrived(logits: [Float], at time: MediaTime) -> Reading {
        self.decide(self.smoother.scoresArrived(self.scores(logits), at: time), at: time)
    }

    /// As ``windowArrived(logits:at:)``, for a window that was computed exactly where a fast one would have started an
    /// event: what is still smoothed from fast windows does not do for a start, its own score has to.
    package mutating func exactWindowArrived(logits: [Float], at time: MediaTime) -> Reading {
        let scores = self.scores(logits)
        let smoothed = self.smoother.scoresArrived(scores, at: time)
        let enter = self.enter
        return self.decide(smoothed, at: time) { scores[$0] > enter[$0] }
    }

    /// Whether a fast window would start an event which it might not start if it were exact.
    ///
    /// - Parameter bound: How far a score may be off. What is smoothed is a mean of scores, so it is off no further.
    package func startsDoubtfully(logits: [Float], at time: MediaTime, bound: Double) -> Bool {
        var likely = self
        let reading = likely.windowArrived(logits: logits, at: time)
        let started = reading.started
        guard !started.isEmpty else { return false }
        let worst = reading.scores.enumerated().map { label, score in
            started.contains(label) ? max(0, score - bound) : min(1, score + bound)
        }
        var unlucky = self
        return !unlucky.decide(worst, at: time).started.isSuperset(of: started)
    }

    /// Other labels, thresholds or another smoothing hold from the next window on. What is known of labels that stay is
    /// kept; events of labels that are gone are ended.
    ///
    /// - Parameter time: Media time of the newest frame.
    /// - Returns: What ends, by its label's index before the change.
    package mutating func change(
        to configuration: RecognizerConfiguration, at time: MediaTime
    ) -> [EventSegmenter.Change] {
        let (old, new) = (self.labels, configuration.labels.labels)
        let newIndices = Dictionary(uniqueKeysWithValues: zip(new, new.indices))
        let oldIndices = Dictionary(uniqueKeysWithValues: zip(old, old.indices))
        let places = old.map { newIndices[$0] }
        self.labels = new
        self.enter = Self.enterLevels(of: configuration)
        self.smoother.change(halfLife: configuration.smoothing, order: new.map { oldIndices[$0] })
        self.leading.change(thresholds: configuration.thresholds, labels: new, places: places)
        if self.overlapping != nil {
            return self.overlapping?.change(
                thresholds: configuration.thresholds, smoothing: configuration.smoothing, labels: new, at: time) ?? []
        }
        return self.segmenter.change(
            thresholds: configuration.thresholds, smoothing: configuration.smoothing, places: places, at: time)
    }

    /// The footage broke off or is over: open events end, the past is forgotten.
    package mutating func footageEnded(at time: MediaTime, isInterrupted: Bool) -> [EventSegmenter.Change] {
        self.smoother.reset()
        self.leading.reset()
        if self.overlapping != nil {
            return self.overlapping?.footageEnded(at: time, isInterrupted: isInterrupted) ?? []
        }
        return self.segmenter.footageEnded(at: time, isInterrupted: isInterrupted)
    }

    private static func enterLevels(of configuration: RecognizerConfiguration) -> [Double] {
        configuration.labels.labels.map { configuration.thresholds.levels(of: $0).enter }
    }

    private func scores(_ logits: [Float]) -> [Double] {
        LabelScores(logits: logits, labelCount: self.labels.count).scores
    }

    /// - Parameter mayStart: Whether an event of a label may start with this window.
    private mutating func decide(
        _ smoothed: [Double], at time: MediaTime, mayStart: (Int) -> Bool = { _ in true }
    ) -> Reading {
        let label = self.leading.scoresArrived(smoothed, at: time)
        if let changes = self.overlapping?.windowArrived(smoothed, at: time, mayStart: mayStart) {
            return Reading(label: label, scores: smoothed, changes: changes)
        }
        let changes = self.segmenter.windowArrived(
            label: label, score: label.map { smoothed[$0] } ?? 0, at: time,
            isAboveEnter: label.map { smoothed[$0] > self.enter[$0] } ?? false,
            mayStart: label.map(mayStart) ?? true)
        return Reading(label: label, scores: smoothed, changes: changes)
    }
}
