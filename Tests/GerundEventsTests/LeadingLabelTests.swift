import GerundCore
import GerundEvents
import GerundTesting
import Testing

@Suite("The leading label")
struct LeadingLabelTests {
    private static let thresholds = EventThresholds(enter: 0.6, exit: 0.4, minimumDuration: .milliseconds(500))
    private var leading = LeadingLabel(thresholds: Self.thresholds)

    /// The labels that are shown for windows a quarter of a second apart.
    private mutating func labels(_ scores: [[Double]]) -> [Int?] {
        scores.enumerated().map { self.leading.scoresArrived($1, at: MediaTime(seconds: 0.25 * Double($0))) }
    }

    @Test("is shown above the enter level and stays down to the exit level")
    mutating func hysteresis() {
        let scores = [0.6, 0.61, 0.41, 0.4, 0.39, 0.5].map { [$0, 0.1] }
        #expect(self.labels(scores) == [nil, 0, 0, 0, nil, nil])
    }

    @Test("gives way to another only when that is above the enter level")
    mutating func takeover() {
        #expect(self.labels([[0.7, 0.1], [0.45, 0.55], [0.45, 0.65], [0.66, 0.6]]) == [0, 0, 1, 0])
    }

    @Test("gives way at once to another with twice the odds")
    mutating func clearTakeover() {
        // Odds of 9 and 1.9, of 19 and 9.
        #expect(self.labels([[0.66, 0.1], [0.66, 0.9], [0.95, 0.9]]) == [0, 1, 0])
        // Odds of 3 and 4; of 99 and 150.
        self.leading.reset()
        #expect(self.labels([[0.75, 0.1], [0.75, 0.8]]) == [0, 0])
        self.leading.reset()
        #expect(self.labels([[0.99, 0.1], [0.99, 0.9934]]) == [0, 0])
    }

    @Test("gives way to another that is a little likelier for the shortest event's time")
    mutating func slowTakeover() {
        #expect(self.labels([[0.75, 0.1]] + Array(repeating: [0.75, 0.8], count: 4)) == [0, 0, 0, 1, 1])
        // A window in which it is not starts the time anew.
        self.leading.reset()
        let scores = [[0.75, 0.1], [0.75, 0.8], [0.75, 0.8], [0.75, 0.7], [0.75, 0.8], [0.75, 0.8], [0.75, 0.8]]
        #expect(self.labels(scores) == [0, 0, 0, 0, 0, 0, 1])
    }

    @Test("stays when several above the enter level take turns in being the likeliest", arguments: 2...4)
    mutating func turns(count: Int) {
        let scores = (0..<50).map { window in (0..<count).map { $0 == window % count ? 0.9 : 0.88 } }
        #expect(self.labels(scores) == Array(repeating: 0, count: 50))
    }

    @Test("stays with one of two certainties")
    mutating func certainties() {
        #expect(self.labels([[1, 0], [1, 1], [1, 1], [1, 1], [1, 1]]) == [0, 0, 0, 0, 0])
        self.leading.reset()
        #expect(self.labels([[0, 1], [0.999, 1], [1, 0.999]]) == [1, 1, 0])
    }

    @Test("takes turns with others only without a shortest event")
    func withoutMinimum() {
        var leading = LeadingLabel(thresholds: EventThresholds(enter: 0.6, exit: 0.4, minimumDuration: .zero))
        for window in 0..<6 {
            let scores = [0, 1].map { $0 == window % 2 ? 0.9 : 0.88 }
            #expect(leading.scoresArrived(scores, at: MediaTime(seconds: Double(window))) == window % 2)
        }
    }

    @Test("keeps to the levels of its own that it has, and others to those of all")
    mutating func ownLevels() {
        var thresholds = Self.thresholds
        thresholds.levels = [
            "falling": EventLevels(enter: 0.9, exit: 0.8), "waving": EventLevels(enter: 0.3, exit: 0.2),
        ]
        let labels = ["falling", "waving", "walking"]
        self.leading = LeadingLabel(thresholds: thresholds, labels: labels)
        #expect(self.labels([0.85, 0.91, 0.81, 0.79].map { [$0, 0.1, 0.1] }) == [nil, 0, 0, nil])
        #expect(self.labels([0.29, 0.31, 0.21, 0.19].map { [0.1, $0, 0.1] }) == [nil, 1, 1, nil])
        #expect(self.labels([0.59, 0.61, 0.41, 0.39].map { [0.1, 0.1, $0] }) == [nil, 2, 2, nil])
        // A label that is likelier but not seen doesn't stand in the way of one that is.
        #expect(self.labels([[0.85, 0.4, 0.5]]) == [1])
    }

    @Test("is not taken over by a label that has a lower level but is less likely")
    mutating func lowLevel() {
        var thresholds = Self.thresholds
        thresholds.levels = ["waving": EventLevels(enter: 0.3, exit: 0.2)]
        self.leading = LeadingLabel(thresholds: thresholds, labels: ["walking", "waving"])
        #expect(self.labels([[0.7, 0.1], [0.5, 0.45], [0.39, 0.35]]) == [0, 0, 1])
    }

    @Test("stays when its place among the labels changes, and is none when it is gone")
    mutating func otherLabels() {
        #expect(self.labels([[0.9, 0.1]]) == [0])
        self.leading.change(thresholds: Self.thresholds, labels: ["new", "kept"], places: [1, nil])
        #expect(self.leading.label == 1)
        #expect(self.labels([[0.1, 0.5]]) == [1])
        self.leading.change(thresholds: Self.thresholds, labels: ["new"], places: [0, nil])
        #expect(self.leading.label == nil)
        #expect(self.labels([[0.5]]) == [nil])
    }

    @Test("still gives way in time to a label that was likelier before the labels changed")
    mutating func challengerAmongOtherLabels() {
        #expect(self.labels([[0.75, 0.1], [0.75, 0.8]]) == [0, 0])
        self.leading.change(thresholds: Self.thresholds, labels: ["c", "b", "a"], places: [2, 1])
        let later = [0.5, 0.75].map { self.leading.scoresArrived([0.1, 0.8, 0.75], at: MediaTime(seconds: $0)) }
        #expect(later == [2, 1])
    }

    @Test("is the first of equal ones, on every run")
    mutating func ties() {
        #expect(self.labels([[0.2, 0.8, 0.8]]) == [1])
    }

    @Test("is none after a reset, without labels, and for scores that are no numbers")
    mutating func none() {
        #expect(self.labels([[0.9]]) == [0])
        self.leading.reset()
        #expect(self.leading.label == nil)
        #expect(self.labels([[0.5], [0.9], [.nan]]) == [nil, 0, nil])
        #expect(self.leading.scoresArrived([], at: MediaTime(seconds: 9)) == nil)
    }

    @Test("changes only for a reason, whatever the scores", arguments: 0..<200)
    func reasons(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let period = Duration.milliseconds(Int64.random(in: 20...1000, using: &random))
        let minimum = period * Int.random(in: 1...6, using: &random)
        let count = Int.random(in: 1...4, using: &random)
        let thresholds = EventThresholds(enter: 0.6, exit: 0.4, minimumDuration: minimum)
        var leading = LeadingLabel(thresholds: thresholds)
        var (time, shown, best) = (MediaTime.zero, Int?.none, [(label: Int, time: MediaTime)]())
        for window in 0..<200 {
            let scores = (0..<count).map { _ in Double.random(in: 0.3...1, using: &random) }
            let first = scores.indices.max { scores[$0] < scores[$1] } ?? 0
            best.append((first, time))
            let next = leading.scoresArrived(scores, at: time)
            let what = "seed \(seed), window \(window): \(shown.map(String.init) ?? "none") -> \(scores)"
            if let next { #expect(scores[next] >= thresholds.exit, "\(what)") }
            if next == nil { #expect(scores.allSatisfy { $0 <= thresholds.enter }, "\(what)") }
            if let shown, let next, next != shown {
                #expect(next == first && scores[next] > thresholds.enter, "\(what)")
                let ratio = scores[next] / (1 - scores[next]) / (scores[shown] / (1 - scores[shown]))
                let since = best.last { $0.label != next }?.time ?? .zero
                #expect(
                    scores[shown] <= thresholds.enter || ratio > 1.999 || time - since > minimum, "\(what)")
            }
            shown = next
            time = time + period
        }
    }
}
