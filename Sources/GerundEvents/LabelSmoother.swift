public import GerundCore
import Glibc

/// The exponential mean of scores over time: what happened one half-life ago counts half.
///
/// By time and not by count, so a higher window rate doesn't shorten the memory. A pure value.
public struct LabelSmoother: Sendable {
    private var halfLife: Double
    private var last: (time: MediaTime, scores: [Double])?

    /// - Parameter halfLife: Zero switches smoothing off.
    public init(halfLife: Duration) {
        precondition(halfLife >= .zero, "a half-life of \(halfLife)")
        self.halfLife = halfLife.inSeconds
    }

    /// - Parameters:
    ///   - scores: One for each label, always in the same order.
    ///   - time: Not before that of an earlier call.
    /// - Returns: The smoothed scores; the first are returned as they are.
    public mutating func scoresArrived(_ scores: [Double], at time: MediaTime) -> [Double] {
        guard let last = self.last, self.halfLife > 0 else {
            self.last = (time, scores)
            return scores
        }
        let keep = exp2(-(time - last.time).inSeconds / self.halfLife)
        let smoothed = zip(last.scores, scores).map { old, new in
            // A score that is no number must not stay in the mean for ever.
            old.isFinite ? new + keep * (old - new) : new
        }
        self.last = (time, smoothed)
        return smoothed
    }

    /// Other labels, or another half-life, hold from now on.
    ///
    /// - Parameter order: For each label to come, its place among those until now; `nil` for one that is new, whose next
    ///   score is its first.
    public mutating func change(halfLife: Duration, order: [Int?]) {
        precondition(halfLife >= .zero, "a half-life of \(halfLife)")
        self.halfLife = halfLife.inSeconds
        guard let last = self.last else { return }
        self.last = (last.time, order.map { $0.map { last.scores[$0] } ?? .nan })
    }

    /// Forgets the past: the source's timeline broke.
    public mutating func reset() {
        self.last = nil
    }
}
