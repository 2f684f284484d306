import GerundCore
import GerundEngine
import GerundTesting
import Glibc
import Testing

@Suite("ScoreErrorStatistics")
struct ScoreErrorStatisticsTests {
    /// Logits of one label and one background phrase that give the label this score.
    private func logits(_ score: Double) -> [Float] { [Float(log(score / (1 - score))), 0] }

    @Test("Counts windows with a different top-ranked text, background phrases included")
    func top1Changes() {
        var statistics = ScoreErrorStatistics()
        statistics.add(exact: [5, 0, 0], approximate: [4, 0, 0], labelCount: 2)
        statistics.add(exact: [5, 0, 0], approximate: [0, 4, 0], labelCount: 2)
        statistics.add(exact: [5, 0, 0], approximate: [0, 1, 4], labelCount: 2)
        #expect((statistics.windows, statistics.top1Changes) == (3, 2))
    }

    @Test("Bounds the error of a future window by rank")
    func bound() {
        var statistics = ScoreErrorStatistics()
        for index in 0..<99 {
            statistics.add(
                exact: self.logits(0.5), approximate: self.logits(0.5 + Double(index + 1) * 0.001), labelCount: 1)
        }
        #expect(abs(statistics.bound(confidence: 0.95) - 0.095) < 1e-6)
        #expect(abs(statistics.bound(confidence: 0.99) - 0.099) < 1e-6)
        #expect(statistics.bound(confidence: 0.995) == 1, "99 windows give no bound for one in 200")
        #expect(abs(statistics.maxScoreError - 0.099) < 1e-6)
        #expect(abs(statistics.decisionBound - 0.099) < 1e-6)
        #expect(abs(statistics.meanScoreError - 0.05) < 1e-6)
    }

    @Test("Gives no bound at a confidence level of 95 % before 19 windows")
    func small() {
        var statistics = ScoreErrorStatistics()
        #expect((statistics.bound(confidence: 0.5), statistics.meanScoreError, statistics.decisionBound) == (1, 0, 1))
        for count in 1...19 {
            statistics.add(exact: self.logits(0.5), approximate: self.logits(0.6), labelCount: 1)
            #expect((statistics.bound(confidence: 0.95) < 1) == (count == 19), "\(count) windows")
            #expect((statistics.decisionBound < 1) == (count == 19), "\(count) windows")
        }
    }

    @Test("Derives its bound from the latest windows only, in bounded memory")
    func ring() {
        var statistics = ScoreErrorStatistics(capacity: 50)
        for _ in 0..<50 { statistics.add(exact: self.logits(0.5), approximate: self.logits(0.9), labelCount: 1) }
        for _ in 0..<49 { statistics.add(exact: self.logits(0.5), approximate: self.logits(0.6), labelCount: 1) }
        #expect(abs(statistics.decisionBound - 0.4) < 1e-6)
        statistics.add(exact: self.logits(0.5), approximate: self.logits(0.6), labelCount: 1)
        #expect(abs(statistics.decisionBound - 0.1) < 1e-6)
        #expect((statistics.windows, statistics.sampleSize) == (100, 50))
        #expect(abs(statistics.maxScoreError - 0.4) < 1e-6)
    }

    @Test("Bounds errors of any distribution with the stated confidence", arguments: 1...3)
    func coverage(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        // Most errors are tiny, few are large.
        func error() -> Double { 0.4 * pow(Double.random(in: 0..<1, using: &random), 8) }
        var (kept, rounds) = (0, 0)
        for _ in 0..<400 {
            var statistics = ScoreErrorStatistics()
            for _ in 0..<60 {
                statistics.add(
                    exact: self.logits(0.5), approximate: self.logits(0.5 + error()), labelCount: 1)
            }
            let bound = statistics.bound(confidence: 0.95)
            kept += (0..<20).filter { _ in error() <= bound }.count
            rounds += 20
        }
        #expect(Double(kept) / Double(rounds) > 0.94)
    }
}
