public import GerundCore

/// Counts which events one source's scores would have been, for each label as if it were the only one, at each of some
/// levels. A pure value, and the same rules by which events are made.
///
/// A label alone leads whenever it is seen, so beside other labels it starts about as many events or fewer.
public struct AlarmCounter: Sendable {
    /// One label at one level.
    private struct Lane {
        let enter: Double
        var leading: LeadingLabel
        var segmenter: EventSegmenter
        var count = 0
    }

    private let levelCount: Int
    /// A label's levels, then the next label's.
    private var lanes: [Lane]
    private var lastTime: MediaTime?
    /// The time between windows of unbroken footage: that in which an event could have started.
    public private(set) var watched = Duration.zero

    /// - Parameters:
    ///   - thresholds: What else makes an event.
    ///   - windowLength: From a window's oldest to its newest frame.
    public init(labelCount: Int, levels: [EventLevels], thresholds: EventThresholds, windowLength: Duration) {
        self.levelCount = levels.count
        self.lanes = (0..<labelCount).flatMap { _ in
            levels.map { level in
                var own = thresholds
                (own.enter, own.exit, own.levels) = (level.enter, level.exit, [:])
                return Lane(
                    enter: level.enter, leading: LeadingLabel(thresholds: own),
                    segmenter: EventSegmenter(thresholds: own, windowLength: windowLength))
            }
        }
    }

    /// - Parameters:
    ///   - scores: The smoothed scores of all labels.
    ///   - time: The media time of the window's newest frame; rises from call to call.
    public mutating func windowArrived(_ scores: [Double], at time: MediaTime) {
        precondition(scores.count * self.levelCount == self.lanes.count, "\(scores.count) scores")
        if let lastTime { self.watched += time - lastTime }
        self.lastTime = time
        for index in self.lanes.indices {
            let score = scores[index / self.levelCount]
            // Where nothing is shown, nothing changes until the label is seen.
            guard self.lanes[index].leading.label != nil || score > self.lanes[index].enter else { continue }
            let label = self.lanes[index].leading.scoresArrived([score], at: time)
            let changes = self.lanes[index].segmenter.windowArrived(
                label: label, score: score, at: time, isAboveEnter: score > self.lanes[index].enter)
            self.lanes[index].count += changes.count { if case .started = $0 { true } else { false } }
        }
    }

    /// The source broke off, or its footage did.
    public mutating func footageEnded() {
        guard let time = self.lastTime.take() else { return }
        for index in self.lanes.indices {
            self.lanes[index].leading.reset()
            _ = self.lanes[index].segmenter.footageEnded(at: time, isInterrupted: false)
        }
    }

    /// How many events of each label there were at each level.
    public var counts: [[Int]] {
        stride(from: 0, to: self.lanes.count, by: self.levelCount).map { first in
            self.lanes[first..<first + self.levelCount].map(\.count)
        }
    }
}
