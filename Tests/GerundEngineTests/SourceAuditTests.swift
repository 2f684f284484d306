import GerundEngine
import Testing

@Suite("The audit of a source")
struct SourceAuditTests {
    private func drawn(_ share: Double, seed: UInt64, of count: Int) -> [Int] {
        var audit = SourceAudit(share: share, seed: seed)
        return (0..<count).filter { _ in audit.isNextDrawn() }
    }

    @Test("draws about the share that was asked for", arguments: [0.01, 0.1, 0.5])
    func share(_ share: Double) {
        // Four standard deviations of a binomial.
        let (count, seed) = (20_000.0, UInt64(5))
        let drawn = Double(self.drawn(share, seed: seed, of: Int(count)).count)
        #expect(abs(drawn - share * count) < 4 * (count * share * (1 - share)).squareRoot())
    }

    @Test("draws all windows or none at the ends")
    func ends() {
        #expect(self.drawn(0, seed: 1, of: 1000).isEmpty)
        #expect(self.drawn(1, seed: 1, of: 1000).count == 1000)
    }

    @Test("draws the same windows with the same seed, and others with another")
    func seeds() {
        #expect(self.drawn(0.1, seed: 1, of: 1000) == self.drawn(0.1, seed: 1, of: 1000))
        #expect(self.drawn(0.1, seed: 1, of: 1000) != self.drawn(0.1, seed: 2, of: 1000))
    }

    @Test("is told of every 20 audited windows")
    func telling() {
        var audit = SourceAudit(share: 1, seed: 1)
        let told = (1...60).filter { _ in audit.windowArrived(exact: [1, 0], logits: [1, 0], labelCount: 1) }
        #expect(told == [20, 40, 60])
    }
}
