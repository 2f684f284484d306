import GerundEngine
import Testing

@Suite("ComparisonStatistics")
struct ComparisonStatisticsTests {
    @Test("Counts windows with the same top-ranked text, in all and among the confident ones")
    func agreement() {
        var statistics = ComparisonStatistics()
        statistics.add(exact: [5, 0, 0], approximate: [4, 0, 0], labelCount: 2, truth: nil)
        statistics.add(exact: [5, 0, 0], approximate: [0, 4, 0], labelCount: 2, truth: nil)
        statistics.add(exact: [0.2, 0.1, 0], approximate: [0.1, 0.2, 0], labelCount: 2, truth: nil)
        #expect(
            (statistics.windows, statistics.agreements, statistics.confidentWindows, statistics.confidentAgreements)
                == (3, 1, 2, 1))
        #expect(statistics.errors.top1Changes == 2)
        #expect(statistics.labeledWindows == 0)
    }

    @Test("Counts correct windows where the ground truth is known")
    func truth() {
        var statistics = ComparisonStatistics()
        statistics.add(exact: [5, 0], approximate: [4, 0], labelCount: 1, truth: 0)
        statistics.add(exact: [5, 0], approximate: [4, 0], labelCount: 1, truth: 1)
        statistics.add(exact: [5, 0], approximate: [4, 0], labelCount: 1, truth: nil)
        #expect((statistics.labeledWindows, statistics.correct) == (2, 1))
    }
}
