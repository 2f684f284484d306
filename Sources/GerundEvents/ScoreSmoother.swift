public import GerundCore
import Glibc

/// An exponential moving average of scores, with a half-life in media time.
///
/// The average is over time rather than over windows, so that a higher window rate doesn't shorten its memory: a score
/// from one half-life ago counts half as much as a new one.
public struct ScoreSmoother: Sendable {
    private var halfLife: Double
    private var last: (time: MediaTime, scores: [Double])?

    /// Creates a smoother without past scores.
    ///
    /// - Parameter halfLife: The half-life; zero or less switches smoothing off.
    public init(halfLife: Duration) {
        self.halfLife = halfLife.seconds
    }

    /// Processes the scores of one window.
    ///
    /// - Parameters:
    ///   - scores: One score per label, always in the same order.
    ///   - time: The media time of the window's newest frame; must not decrease from call to call.
    /// - Returns: The smoothed scores. The first scores are returned unchanged.
    public mutating func scoresArrived(_ scores: [Double], at time: MediaTime) -> [Double] {
        guard let last = self.last, self.halfLife > 0 else {
            self.last = (time, scores)
            return scores
        }
        let decay = exp2(-(time - last.time).seconds / self.halfLife)
        let smoothed = zip(last.scores, scores).map { old, new in
            // A NaN must not stay in the average for ever.
            old.isFinite ? new + decay * (old - new) : new
        }
        self.last = (time, smoothed)
        return smoothed
    }

    /// Applies another half-life and other labels.
    ///
    /// The next score of a new label is its first.
    ///
    /// - Parameters:
    ///   - halfLife: The new half-life.
    ///   - newIndices: For each old label its index among the new ones; `nil` if it is gone.
    ///   - labelCount: The number of new labels.
    public mutating func reconfigure(halfLife: Duration, newIndices: [Int?], labelCount: Int) {
        self.halfLife = halfLife.seconds
        guard let last = self.last else { return }
        var scores = [Double](repeating: .nan, count: labelCount)
        for (score, index) in zip(last.scores, newIndices) {
            if let index { scores[index] = score }
        }
        self.last = (last.time, scores)
    }

    /// Discards past scores, because the source's timeline broke.
    public mutating func reset() {
        self.last = nil
    }
}
