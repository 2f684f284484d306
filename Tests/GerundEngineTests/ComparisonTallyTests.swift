import GerundEngine
import Glibc
import Testing

@Suite("A comparison's tally")
struct ComparisonTallyTests {
    @Test("counts windows with the same best text, and those among the sure ones")
    func agreement() {
        var tally = ComparisonTally()
        tally.windowArrived(exact: [5, 0, 0], logits: [4, 0, 0], truth: nil)
        tally.windowArrived(exact: [5, 0, 0], logits: [0, 4, 0], truth: nil)
        tally.windowArrived(exact: [0.2, 0.1, 0], logits: [0.1, 0.2, 0], truth: nil)
        #expect((tally.windows, tally.same, tally.sure, tally.sureSame) == (3, 1, 2, 1))
        #expect(tally.known == 0)
    }

    @Test("counts right answers where the truth is known")
    func truth() {
        var tally = ComparisonTally()
        tally.windowArrived(exact: [5, 0], logits: [4, 0], truth: 0)
        tally.windowArrived(exact: [5, 0], logits: [4, 0], truth: 1)
        tally.windowArrived(exact: [5, 0], logits: [4, 0], truth: nil)
        #expect((tally.known, tally.right) == (2, 1))
    }

    @Test("bounds the change that one more window shows, by rank")
    func bound() {
        var tally = ComparisonTally()
        for index in 0..<99 {
            // Shares of two texts: the first's is 0.5 in truth, and moves by 0.001 more from window to window.
            let share = 0.5 + Double(index + 1) * 0.001
            tally.windowArrived(exact: [0, 0], logits: [Self.logit(share), 0], truth: nil)
        }
        #expect(abs(tally.bound(coverage: 0.95) - 0.095) < 1e-6)
        #expect(abs(tally.bound(coverage: 0.99) - 0.099) < 1e-6)
        #expect(tally.bound(coverage: 0.995) == 1, "99 windows say nothing of one in 200")
        #expect(abs(tally.meanChange - 0.05) < 1e-6)
    }

    @Test("says nothing of nothing")
    func empty() {
        let tally = ComparisonTally()
        #expect(tally.bound(coverage: 0.5) == 1)
        #expect(tally.meanChange == 0)
    }

    private static func logit(_ share: Double) -> Float { Float(log(share / (1 - share))) }
}
