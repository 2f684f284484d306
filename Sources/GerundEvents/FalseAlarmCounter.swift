public import GerundCore

/// A state machine that counts the events each label of one source would produce at each candidate threshold, treating
/// every label independently.
///
/// It applies the rules by which events are made. A label that is alone leads whenever its score allows, so beside
/// other labels it starts about as many events or fewer.
public struct FalseAlarmCounter: Sendable {
    /// One label at one pair of thresholds.
    private struct Candidate {
        let startThreshold: Double
        var hysteresis: LabelHysteresis
        var segmenter: EventSegmenter
        var count = 0
    }

    private let thresholdCount: Int
    /// All candidates of the first label, then those of the next.
    private var candidates: [Candidate]
    private var lastTime: MediaTime?
    /// The media time between consecutive windows of an unbroken timeline: the time in which an event could have
    /// started.
    public private(set) var observedDuration = Duration.zero

    /// Creates a counter that has seen nothing.
    ///
    /// - Parameters:
    ///   - labelCount: The number of labels.
    ///   - candidates: The pairs of thresholds to count for, in ascending order.
    ///   - rules: The rules by which events are made; their own thresholds are ignored.
    ///   - windowExtent: The media time from a window's oldest to its newest frame.
    public init(
        labelCount: Int, candidates: [HysteresisThresholds], rules: EventThresholds, windowExtent: Duration
    ) {
        self.thresholdCount = candidates.count
        self.candidates = (0..<labelCount).flatMap { _ in
            candidates.map { candidate in
                var own = rules
                (own.startThreshold, own.endThreshold, own.labelThresholds) = (candidate.start, candidate.end, [:])
                return Candidate(
                    startThreshold: candidate.start, hysteresis: LabelHysteresis(thresholds: own),
                    segmenter: EventSegmenter(thresholds: own, windowExtent: windowExtent))
            }
        }
    }

    /// Processes the scores of one window.
    ///
    /// - Parameters:
    ///   - scores: The smoothed scores of all labels.
    ///   - time: The media time of the window's newest frame; must increase from call to call.
    public mutating func windowArrived(_ scores: [Double], at time: MediaTime) {
        precondition(scores.count * self.thresholdCount == self.candidates.count, "\(scores.count) scores")
        if let lastTime { self.observedDuration += time - lastTime }
        self.lastTime = time
        for index in self.candidates.indices {
            let score = scores[index / self.thresholdCount]
            // Without a current label, nothing changes until the score exceeds the start threshold.
            guard self.candidates[index].hysteresis.label != nil || score > self.candidates[index].startThreshold
            else { continue }
            let label = self.candidates[index].hysteresis.scoresArrived([score], at: time)
            let changes = self.candidates[index].segmenter.windowArrived(
                label: label, score: score, at: time,
                isAboveStartThreshold: score > self.candidates[index].startThreshold)
            self.candidates[index].count += changes.count { if case .started = $0 { true } else { false } }
        }
    }

    /// Ends the open events, because the source ended or its timeline broke.
    public mutating func streamEnded() {
        guard let time = self.lastTime.take() else { return }
        for index in self.candidates.indices {
            self.candidates[index].hysteresis.reset()
            _ = self.candidates[index].segmenter.streamEnded(at: time, isInterrupted: false)
        }
    }

    /// The number of events of each label, for each pair of thresholds.
    public var counts: [[Int]] {
        stride(from: 0, to: self.candidates.count, by: self.thresholdCount).map { first in
            self.candidates[first..<first + self.thresholdCount].map(\.count)
        }
    }
}
