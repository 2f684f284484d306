public import GerundCore

/// Which label a window is given, with hysteresis: what is shown only changes for a reason.
///
/// - A label that is shown stays until it falls below the exit level.
/// - Below the enter level it gives way to any label above it.
/// - Above the enter level it gives way to one that is clearly likelier, at once, or to one that is a little likelier
///   and stays so for as long as an event lasts at least. Labels that mean nearly the same, both certain, would
///   otherwise take turns from window to window, and neither would ever lead for long enough to be an event.
public struct LeadingLabel: Sendable {
    /// How many times the odds of the shown label are another one's who takes over at once. Scores are probabilities
    /// against the same background, so the ratio of two labels' odds is that of their shares: one is twice as likely
    /// as the other.
    private static let clearRatio = 2.0

    /// A label that is likelier than the one that is shown, and since when.
    private struct Challenger {
        var label: Int
        let since: MediaTime
    }

    private var minimumDuration: Duration
    /// Those of the first labels, and those of all that follow.
    private var levels: [EventLevels]
    private var otherLevels: EventLevels
    /// The index of the label that is shown; `nil` is none.
    public private(set) var label: Int?
    private var challenger: Challenger?

    /// - Parameter labels: The texts by which labels have levels of their own, in the scores' order; empty when none has.
    public init(thresholds: EventThresholds, labels: [String] = []) {
        self.minimumDuration = thresholds.minimumDuration
        self.levels = thresholds.levels.isEmpty ? [] : labels.map(thresholds.levels(of:))
        self.otherLevels = EventLevels(enter: thresholds.enter, exit: thresholds.exit)
    }

    /// Other thresholds or labels hold from now on.
    ///
    /// - Parameters:
    ///   - labels: As at first.
    ///   - places: For each label until now, its place among those to come; `nil` for one that is gone.
    public mutating func change(thresholds: EventThresholds, labels: [String], places: [Int?]) {
        var changed = LeadingLabel(thresholds: thresholds, labels: labels)
        changed.label = self.label.flatMap { places[$0] }
        if var challenger = self.challenger, let place = places[challenger.label] {
            challenger.label = place
            changed.challenger = challenger
        }
        self = changed
    }

    private func levels(of label: Int) -> EventLevels {
        label < self.levels.count ? self.levels[label] : self.otherLevels
    }

    /// - Parameters:
    ///   - scores: The labels' smoothed scores.
    ///   - time: The media time of the window's newest frame; rises from call to call.
    /// - Returns: The index of the leading label, or `nil` when none leads.
    public mutating func scoresArrived(_ scores: [Double], at time: MediaTime) -> Int? {
        let seen = scores.indices.filter { scores[$0] > self.levels(of: $0).enter }
        if let best = seen.max(by: { scores[$0] < scores[$1] }) {
            self.challenge(by: best, scores, at: time)
        } else {
            self.challenger = nil
            if let label = self.label, !(scores[label] >= self.levels(of: label).exit) { self.label = nil }
        }
        return self.label
    }

    /// - Parameter best: The likeliest label of those above their enter level.
    private mutating func challenge(by best: Int, _ scores: [Double], at time: MediaTime) {
        // Where labels have levels of their own, one that is seen may be less likely than one that is still shown.
        if let shown = self.label, scores[shown] > scores[best], scores[shown] >= self.levels(of: shown).exit {
            self.challenger = nil
            return
        }
        guard let shown = self.label, best != shown, scores[shown] > self.levels(of: shown).enter,
            !Self.isClear(scores[best], over: scores[shown])
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

    /// Whether the odds of `score` are so many times those of `other`; false for two certainties.
    private static func isClear(_ score: Double, over other: Double) -> Bool {
        score * (1 - other) > Self.clearRatio * other * (1 - score)
    }

    /// Forgets the past: the source's timeline broke.
    public mutating func reset() {
        self.label = nil
        self.challenger = nil
    }
}
