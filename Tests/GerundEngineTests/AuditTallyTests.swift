import GerundEngine
import GerundTesting
import Glibc
import Testing

@Suite("An audit's tally")
struct AuditTallyTests {
    /// Logits of one label and one background phrase that give the label this score.
    private func logits(_ score: Double) -> [Float] { [Float(log(score / (1 - score))), 0] }

    @Test("counts windows whose best text is another, background phrases included")
    func flips() {
        var tally = AuditTally()
        tally.windowArrived(exact: [5, 0, 0], logits: [4, 0, 0], labelCount: 2)
        tally.windowArrived(exact: [5, 0, 0], logits: [0, 4, 0], labelCount: 2)
        tally.windowArrived(exact: [5, 0, 0], logits: [0, 1, 4], labelCount: 2)
        #expect((tally.windows, tally.flips) == (3, 2))
    }

    @Test("bounds the change that one more window shows, by rank")
    func bound() {
        var tally = AuditTally()
        for index in 0..<99 {
            tally.windowArrived(
                exact: self.logits(0.5), logits: self.logits(0.5 + Double(index + 1) * 0.001), labelCount: 1)
        }
        #expect(abs(tally.bound(coverage: 0.95) - 0.095) < 1e-6)
        #expect(abs(tally.bound(coverage: 0.99) - 0.099) < 1e-6)
        #expect(tally.bound(coverage: 0.995) == 1, "99 windows say nothing of one in 200")
        #expect(abs(tally.largestChange - 0.099) < 1e-6)
        #expect(abs(tally.decisionBound - 0.099) < 1e-6)
        #expect(abs(tally.meanChange - 0.05) < 1e-6)
    }

    @Test("says nothing with 95 % certainty before 19 windows")
    func small() {
        var tally = AuditTally()
        #expect((tally.bound(coverage: 0.5), tally.meanChange, tally.decisionBound) == (1, 0, 1))
        for count in 1...19 {
            tally.windowArrived(exact: self.logits(0.5), logits: self.logits(0.6), labelCount: 1)
            #expect((tally.bound(coverage: 0.95) < 1) == (count == 19), "\(count) windows")
            #expect((tally.decisionBound < 1) == (count == 19), "\(count) windows")
        }
    }

    @Test("forgets in its bound what is long past, and grows no further")
    func ring() {
        var tally = AuditTally(capacity: 50)
        for _ in 0..<50 { tally.windowArrived(exact: self.logits(0.5), logits: self.logits(0.9), labelCount: 1) }
        for _ in 0..<49 { tally.windowArrived(exact: self.logits(0.5), logits: self.logits(0.6), labelCount: 1) }
        #expect(abs(tally.decisionBound - 0.4) < 1e-6)
        tally.windowArrived(exact: self.logits(0.5), logits: self.logits(0.6), labelCount: 1)
        #expect(abs(tally.decisionBound - 0.1) < 1e-6)
        #expect((tally.windows, tally.sample) == (100, 50))
        #expect(abs(tally.largestChange - 0.4) < 1e-6)
    }

    @Test("keeps its bound on windows of any distribution", arguments: 1...3)
    func coverage(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        // Most changes are tiny, few are large.
        func change() -> Double { 0.4 * pow(Double.random(in: 0..<1, using: &random), 8) }
        var (kept, rounds) = (0, 0)
        for _ in 0..<400 {
            var tally = AuditTally()
            for _ in 0..<60 {
                tally.windowArrived(
                    exact: self.logits(0.5), logits: self.logits(0.5 + change()), labelCount: 1)
            }
            let bound = tally.bound(coverage: 0.95)
            kept += (0..<20).filter { _ in change() <= bound }.count
            rounds += 20
        }
        #expect(Double(kept) / Double(rounds) > 0.94)
    }
}
