import GerundEngine
import Testing

@Suite("SourceAudit")
struct SourceAuditTests {
    private func sampled(_ ratio: Double, seed: UInt64, of count: Int) -> [Int] {
        var audit = SourceAudit(ratio: ratio, seed: seed)
        return (0..<count).filter { _ in audit.shouldSampleNext() }
    }

    @Test("Samples about the requested fraction of windows", arguments: [0.01, 0.1, 0.5])
    func ratio(_ ratio: Double) {
        // Four standard deviations of a binomial.
        let (count, seed) = (20_000.0, UInt64(5))
        let sampled = Double(self.sampled(ratio, seed: seed, of: Int(count)).count)
        #expect(abs(sampled - ratio * count) < 4 * (count * ratio * (1 - ratio)).squareRoot())
    }

    @Test("Samples no window at 0 and every window at 1")
    func ends() {
        #expect(self.sampled(0, seed: 1, of: 1000).isEmpty)
        #expect(self.sampled(1, seed: 1, of: 1000).count == 1000)
    }

    @Test("Samples the same windows with the same seed, and others with another")
    func seeds() {
        #expect(self.sampled(0.1, seed: 1, of: 1000) == self.sampled(0.1, seed: 1, of: 1000))
        #expect(self.sampled(0.1, seed: 1, of: 1000) != self.sampled(0.1, seed: 2, of: 1000))
    }

    @Test("Reports after every 20 audited windows")
    func reports() {
        var audit = SourceAudit(ratio: 1, seed: 1)
        let reported = (1...60).filter { _ in
            audit.windowArrived(exact: [1, 0], approximate: [1, 0], labelCount: 1) == .report
        }
        #expect(reported == [20, 40, 60])
    }
}
