import GerundCore
import GerundEvents
import GerundTesting
import Glibc
import Testing

@Suite("PoissonBound")
struct PoissonBoundTests {
    @Test(
        "Is half the chi-squared quantile with twice as many degrees of freedom, after Garwood",
        arguments: [
            (0, 0.95, 2.9957), (1, 0.95, 4.7439), (2, 0.95, 6.2958), (5, 0.95, 10.5130), (10, 0.95, 16.9622),
            (0, 0.99, 4.6052), (0, 0.5, 0.6931), (3, 0.9, 6.6808), (49, 0.95, 62.1710),
        ])
    func table(count: Int, confidence: Double, bound: Double) {
        #expect(abs(PoissonBound.upper(count: count, confidence: confidence) - bound) < 1e-3)
    }

    @Test("Stays near the normal approximation for large counts")
    func large() {
        for count in [1_000, 100_000] {
            let bound = PoissonBound.upper(count: count, confidence: 0.95)
            let normal = Double(count) + 1.645 * Double(count).squareRoot()
            #expect(abs(bound - normal) < 3, "\(count): \(bound)")
        }
    }

    @Test("Covers the mean in 95 % of samples, also for a threshold chosen on the sample", arguments: 0..<3)
    func coverage(rank: Int) {
        var random = SplitMix64(seed: UInt64(rank) + 1)
        // Alarms with peaks from 0 to 1: 20 of them are to be expected, and 20 * (1 - level) above a level.
        let rounds = 4000
        var covered = 0
        for _ in 0..<rounds {
            var peaks: [Double] = []
            var time = -log(1 - Double.random(in: 0..<1, using: &random)) / 20
            while time < 1 {
                peaks.append(.random(in: 0..<1, using: &random))
                time -= log(1 - Double.random(in: 0..<1, using: &random)) / 20
            }
            peaks.sort(by: >)
            let level = rank < peaks.count ? peaks[rank] : 0
            let mean = 20 * (1 - level)
            covered += mean <= PoissonBound.upper(count: rank, confidence: 0.95) ? 1 : 0
        }
        // Four standard deviations of a binomial.
        let share = Double(covered) / Double(rounds)
        #expect(abs(share - 0.95) < 4 * (0.95 * 0.05 / Double(rounds)).squareRoot(), "\(share)")
    }
}
