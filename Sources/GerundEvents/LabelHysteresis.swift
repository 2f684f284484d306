public import GerundCore

/// A state machine that selects the leading label of each window, with hysteresis.
///
/// The current label keeps leading until one of these holds:
///
/// - Its score falls below its end threshold.
/// - Its score isn't above its start threshold, and another label is above that label's own start threshold and at
///   least as likely.
/// - Its score is above its start threshold, and another label has more than twice its odds, or has been the most
///   likely label for the minimum duration of an event. Without this delay, labels of nearly the same meaning, both
///   certain, would alternate from window to window, and neither would lead for long enough to start an event.
public struct LabelHysteresis: Sendable {
    /// The odds ratio at which a challenger replaces the current label immediately.
    ///
    /// Scores are probabilities against the same background, so the ratio of two labels' odds is the ratio of their
    /// softmax probabilities: a label is twice as likely as the other.
    private static let immediateSwitchOddsRatio = 2.0

    /// A label that is more likely than the current one.
    private struct Challenger {
        var label: Int
        /// The media time at which it became more likely.
        let since: MediaTime
    }

    private var minimumDuration: Duration
    /// The thresholds of the first labels; ``defaultThresholds`` apply to all labels that follow.
    private var thresholds: [HysteresisThresholds]
    private var defaultThresholds: HysteresisThresholds
    /// The index of the leading label; `nil` for none.
    public private(set) var label: Int?
    private var challenger: Challenger?

    /// Creates a state machine without a leading label.
    ///
    /// - Parameters:
    ///   - thresholds: The thresholds and the minimum duration of an event.
    ///   - labels: The labels' texts in the order of the scores; may be empty if no label has individual thresholds.
    public init(thresholds: EventThresholds, labels: [String] = []) {
        self.minimumDuration = thresholds.minimumDuration
        self.thresholds = thresholds.labelThresholds.isEmpty ? [] : labels.map(thresholds.thresholds(for:))
        self.defaultThresholds = thresholds.defaultThresholds
    }

    /// Applies new thresholds and labels.
    ///
    /// - Parameters:
    ///   - thresholds: The new thresholds.
    ///   - labels: The texts of the new labels, as for the initializer.
    ///   - newIndices: For each old label its index among the new ones; `nil` if it is gone.
    public mutating func reconfigure(thresholds: EventThresholds, labels: [String], newIndices: [Int?]) {
        var changed = LabelHysteresis(thresholds: thresholds, labels: labels)
        changed.label = self.label.flatMap { newIndices[$0] }
        if var challenger = self.challenger, let index = newIndices[challenger.label] {
            challenger.label = index
            changed.challenger = challenger
        }
        self = changed
    }

    private func thresholds(for label: Int) -> HysteresisThresholds {
        label < self.thresholds.count ? self.thresholds[label] : self.defaultThresholds
    }

    /// Processes the scores of one window.
    ///
    /// - Parameters:
    ///   - scores: The smoothed scores of all labels.
    ///   - time: The media time of the window's newest frame; must increase from call to call.
    /// - Returns: The index of the leading label; `nil` for none.
    public mutating func scoresArrived(_ scores: [Double], at time: MediaTime) -> Int? {
        let candidates = scores.indices.filter { scores[$0] > self.thresholds(for: $0).start }
        if let best = candidates.max(by: { scores[$0] < scores[$1] }) {
            self.challenge(by: best, scores, at: time)
        } else {
            self.challenger = nil
            if let label = self.label, !(scores[label] >= self.thresholds(for: label).end) { self.label = nil }
        }
        return self.label
    }

    /// Compares the current label with the best one.
    ///
    /// - Parameters:
    ///   - best: The most likely label of those above their start threshold.
    ///   - scores: The smoothed scores of all labels.
    ///   - time: The media time of the window's newest frame.
    private mutating func challenge(by best: Int, _ scores: [Double], at time: MediaTime) {
        // With individual thresholds, a label above its threshold may be less likely than the current one below its
        // own.
        if let current = self.label, scores[current] > scores[best],
            scores[current] >= self.thresholds(for: current).end
        {
            self.challenger = nil
            return
        }
        guard let current = self.label, best != current, scores[current] > self.thresholds(for: current).start,
            !Self.exceedsOddsRatio(scores[best], over: scores[current])
        else {
            self.label = best
            self.challenger = nil
            return
        }
        if self.challenger?.label != best { self.challenger = Challenger(label: best, since: time) }
        guard let challenger, time - challenger.since >= self.minimumDuration else { return }
        self.label = best
        self.challenger = nil
    }

    /// Returns whether the odds of `score` exceed those of `other` by ``immediateSwitchOddsRatio``; `false` if both are
    /// certain.
    private static func exceedsOddsRatio(_ score: Double, over other: Double) -> Bool {
        score * (1 - other) > Self.immediateSwitchOddsRatio * other * (1 - score)
    }

    /// Resets the state machine, because the source's timeline broke.
    public mutating func reset() {
        self.label = nil
        self.challenger = nil
    }
}
