import GerundEngine
import Testing

@Suite("A comparison's tally")
struct ComparisonTallyTests {
    @Test("counts windows with the same best text, and those among the sure ones")
    func agreement() {
        var tally = ComparisonTally()
        tally.windowArrived(exact: [5, 0, 0], logits: [4, 0, 0], labelCount: 2, truth: nil)
        tally.windowArrived(exact: [5, 0, 0], logits: [0, 4, 0], labelCount: 2, truth: nil)
        tally.windowArrived(exact: [0.2, 0.1, 0], logits: [0.1, 0.2, 0], labelCount: 2, truth: nil)
        #expect((tally.windows, tally.same, tally.sure, tally.sureSame) == (3, 1, 2, 1))
        #expect(tally.audit.flips == 2)
        #expect(tally.known == 0)
    }

    @Test("counts right answers where the truth is known")
    func truth() {
        var tally = ComparisonTally()
        tally.windowArrived(exact: [5, 0], logits: [4, 0], labelCount: 1, truth: 0)
        tally.windowArrived(exact: [5, 0], logits: [4, 0], labelCount: 1, truth: 1)
        tally.windowArrived(exact: [5, 0], logits: [4, 0], labelCount: 1, truth: nil)
        #expect((tally.known, tally.right) == (2, 1))
    }
}
