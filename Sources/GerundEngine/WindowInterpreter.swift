import GerundCore
import GerundEvents
import GerundStream

/// What one source's windows mean: logits to scores, to the leading label, to events.
///
/// A pure value; records are made from what it says.
struct WindowInterpreter: Sendable {
    /// What one window shows.
    struct Reading: Sendable {
        /// The leading label's index, `nil` for none.
        var label: Int?
        /// The smoothed scores of all labels.
        var scores: [Double]
        var changes: [EventSegmenter.Change]
    }

    private let labelCount: Int
    private var smoother: LabelSmoother
    private var leading: LeadingLabel
    private var segmenter: EventSegmenter

    init(configuration: RecognizerConfiguration) {
        self.labelCount = configuration.labels.labels.count
        self.smoother = LabelSmoother(halfLife: configuration.smoothing)
        self.leading = LeadingLabel(
            thresholds: configuration.thresholds, labels: configuration.labels.labels)
        self.segmenter = EventSegmenter(
            thresholds: configuration.thresholds, windowLength: configuration.plan.windowLength)
    }

    /// - Parameter time: Media time of the window's newest frame.
    mutating func windowArrived(logits: [Float], at time: MediaTime) -> Reading {
        let scores = LabelScores(logits: logits, labelCount: self.labelCount).scores
        let smoothed = self.smoother.scoresArrived(scores, at: time)
        let label = self.leading.scoresArrived(smoothed, at: time)
        let score = label.map { smoothed[$0] } ?? 0
        let changes = self.segmenter.windowArrived(label: label, score: score, at: time)
        return Reading(label: label, scores: smoothed, changes: changes)
    }

    /// The footage broke off or is over: open events end, the past is forgotten.
    mutating func footageEnded(at time: MediaTime, isInterrupted: Bool) -> [EventSegmenter.Change] {
        self.smoother.reset()
        self.leading.reset()
        return self.segmenter.footageEnded(at: time, isInterrupted: isInterrupted)
    }
}
