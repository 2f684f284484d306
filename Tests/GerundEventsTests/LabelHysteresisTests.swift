import GerundCore
import GerundEvents
import GerundTesting
import Testing

@Suite("LabelHysteresis")
struct LabelHysteresisTests {
    private static let thresholds = EventThresholds(
        startThreshold: 0.6, endThreshold: 0.4, minimumDuration: .milliseconds(500))
    private var leading = LabelHysteresis(thresholds: Self.thresholds)

    /// The labels that are shown for windows a quarter of a second apart.
    private mutating func labels(_ scores: [[Double]]) -> [Int?] {
        scores.enumerated().map { self.leading.scoresArrived($1, at: MediaTime(seconds: 0.25 * Double($0))) }
    }

    @Test("Selects a label above its start threshold and keeps it down to its end threshold")
    mutating func hysteresis() {
        let scores = [0.6, 0.61, 0.41, 0.4, 0.39, 0.5].map { [$0, 0.1] }
        #expect(self.labels(scores) == [nil, 0, 0, 0, nil, nil])
    }

    @Test("Switches only to a label above its start threshold")
    mutating func takeover() {
        #expect(self.labels([[0.7, 0.1], [0.45, 0.55], [0.45, 0.65], [0.66, 0.6]]) == [0, 0, 1, 0])
    }

    @Test("Switches at once to a label with twice the odds")
    mutating func clearTakeover() {
        // Odds of 9 and 1.9, of 19 and 9.
        #expect(self.labels([[0.66, 0.1], [0.66, 0.9], [0.95, 0.9]]) == [0, 1, 0])
        // Odds of 3 and 4; of 99 and 150.
        self.leading.reset()
        #expect(self.labels([[0.75, 0.1], [0.75, 0.8]]) == [0, 0])
        self.leading.reset()
        #expect(self.labels([[0.99, 0.1], [0.99, 0.9934]]) == [0, 0])
    }

    @Test("Switches to a slightly more likely label after the minimum duration")
    mutating func slowTakeover() {
        #expect(self.labels([[0.75, 0.1]] + Array(repeating: [0.75, 0.8], count: 4)) == [0, 0, 0, 1, 1])
        // A window in which it is not starts the time again.
        self.leading.reset()
        let scores = [[0.75, 0.1], [0.75, 0.8], [0.75, 0.8], [0.75, 0.7], [0.75, 0.8], [0.75, 0.8], [0.75, 0.8]]
        #expect(self.labels(scores) == [0, 0, 0, 0, 0, 0, 1])
    }

    @Test(
        "Keeps the label while several above the start threshold alternate in being the most likely", arguments: 2...4)
    mutating func turns(count: Int) {
        let scores = (0..<50).map { window in (0..<count).map { $0 == window % count ? 0.9 : 0.88 } }
        #expect(self.labels(scores) == Array(repeating: 0, count: 50))
    }

    @Test("Keeps one of two certain labels")
    mutating func certainties() {
        #expect(self.labels([[1, 0], [1, 1], [1, 1], [1, 1], [1, 1]]) == [0, 0, 0, 0, 0])
        self.leading.reset()
        #expect(self.labels([[0, 1], [0.999, 1], [1, 0.999]]) == [1, 1, 0])
    }

    @Test("Alternates only with a minimum duration of zero")
    func withoutMinimum() {
        var leading = LabelHysteresis(
            thresholds: EventThresholds(startThreshold: 0.6, endThreshold: 0.4, minimumDuration: .zero))
        for window in 0..<6 {
            let scores = [0, 1].map { $0 == window % 2 ? 0.9 : 0.88 }
            #expect(leading.scoresArrived(scores, at: MediaTime(seconds: Double(window))) == window % 2)
        }
    }

    @Test("Applies the thresholds of individual labels, and the default ones to the others")
    mutating func ownLevels() {
        var thresholds = Self.thresholds
        thresholds.labelThresholds = [
            "falling": HysteresisThresholds(start: 0.9, end: 0.8), "waving": HysteresisThresholds(start: 0.3, end: 0.2),
        ]
        let labels = ["falling", "waving", "walking"]
        self.leading = LabelHysteresis(thresholds: thresholds, labels: labels)
        #expect(self.labels([0.85, 0.91, 0.81, 0.79].map { [$0, 0.1, 0.1] }) == [nil, 0, 0, nil])
        #expect(self.labels([0.29, 0.31, 0.21, 0.19].map { [0.1, $0, 0.1] }) == [nil, 1, 1, nil])
        #expect(self.labels([0.59, 0.61, 0.41, 0.39].map { [0.1, 0.1, $0] }) == [nil, 2, 2, nil])
        // A more likely label below its own threshold doesn't prevent one above its threshold.
        #expect(self.labels([[0.85, 0.4, 0.5]]) == [1])
    }

    @Test("Does not switch to a less likely label with a lower threshold")
    mutating func lowLevel() {
        var thresholds = Self.thresholds
        thresholds.labelThresholds = ["waving": HysteresisThresholds(start: 0.3, end: 0.2)]
        self.leading = LabelHysteresis(thresholds: thresholds, labels: ["walking", "waving"])
        #expect(self.labels([[0.7, 0.1], [0.5, 0.45], [0.39, 0.35]]) == [0, 0, 1])
    }

    @Test("Keeps the label when its index changes, and selects none when it is removed")
    mutating func otherLabels() {
        #expect(self.labels([[0.9, 0.1]]) == [0])
        self.leading.reconfigure(thresholds: Self.thresholds, labels: ["new", "kept"], newIndices: [1, nil])
        #expect(self.leading.label == 1)
        #expect(self.labels([[0.1, 0.5]]) == [1])
        self.leading.reconfigure(thresholds: Self.thresholds, labels: ["new"], newIndices: [0, nil])
        #expect(self.leading.label == nil)
        #expect(self.labels([[0.5]]) == [nil])
    }

    @Test("Keeps the challenger's time when the labels change")
    mutating func challengerAmongOtherLabels() {
        #expect(self.labels([[0.75, 0.1], [0.75, 0.8]]) == [0, 0])
        self.leading.reconfigure(thresholds: Self.thresholds, labels: ["c", "b", "a"], newIndices: [2, 1])
        let later = [0.5, 0.75].map { self.leading.scoresArrived([0.1, 0.8, 0.75], at: MediaTime(seconds: $0)) }
        #expect(later == [2, 1])
    }

    @Test("Selects the first of equal labels")
    mutating func ties() {
        #expect(self.labels([[0.2, 0.8, 0.8]]) == [1])
    }

    @Test("Selects none after a reset, without labels, and for scores that are not numbers")
    mutating func none() {
        #expect(self.labels([[0.9]]) == [0])
        self.leading.reset()
        #expect(self.leading.label == nil)
        #expect(self.labels([[0.5], [0.9], [.nan]]) == [nil, 0, nil])
        #expect(self.leading.scoresArrived([], at: MediaTime(seconds: 9)) == nil)
    }

    @Test("Switches only by its rules, whatever the scores are", arguments: 0..<200)
    func reasons(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let period = Duration.milliseconds(Int64.random(in: 20...1000, using: &random))
        let minimum = period * Int.random(in: 1...6, using: &random)
        let count = Int.random(in: 1...4, using: &random)
        let thresholds = EventThresholds(startThreshold: 0.6, endThreshold: 0.4, minimumDuration: minimum)
        var leading = LabelHysteresis(thresholds: thresholds)
        var (time, shown, best) = (MediaTime.zero, Int?.none, [(label: Int, time: MediaTime)]())
        for window in 0..<200 {
            let scores = (0..<count).map { _ in Double.random(in: 0.3...1, using: &random) }
            let first = scores.indices.max { scores[$0] < scores[$1] } ?? 0
            best.append((first, time))
            let next = leading.scoresArrived(scores, at: time)
            let what = "seed \(seed), window \(window): \(shown.map(String.init) ?? "none") -> \(scores)"
            if let next { #expect(scores[next] >= thresholds.endThreshold, "\(what)") }
            if next == nil { #expect(scores.allSatisfy { $0 <= thresholds.startThreshold }, "\(what)") }
            if let shown, let next, next != shown {
                #expect(next == first && scores[next] > thresholds.startThreshold, "\(what)")
                let ratio = scores[next] / (1 - scores[next]) / (scores[shown] / (1 - scores[shown]))
                let since = best.last { $0.label != next }?.time ?? .zero
                #expect(
                    scores[shown] <= thresholds.startThreshold || ratio > 1.999 || time - since > minimum, "\(what)")
            }
            shown = next
            time = time + period
        }
    }
}
