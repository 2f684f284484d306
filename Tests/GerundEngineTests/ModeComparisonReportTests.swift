import GerundCore
import GerundRecords
import GerundTensor
import GerundTesting
import Testing

@testable import GerundEngine

@Suite("Reports of a ModeComparison")
struct ModeComparisonReportTests {
    /// Three windows with two labels and one background phrase: one agrees, one differs, one is not confident.
    private func result(refresh: Int, truth: Int?) -> ModeComparison.Result {
        var statistics = ComparisonStatistics()
        statistics.add(exact: [5, 0, 0], approximate: [4.5, 0, 0], labelCount: 2, truth: truth)
        statistics.add(exact: [5, 0, 0], approximate: [0, 5, 0], labelCount: 2, truth: truth)
        statistics.add(exact: [0.5, 0.25, 0], approximate: [0.5, 0.25, 0], labelCount: 2, truth: truth)
        return ModeComparison.Result(
            variant: ModeComparison.Variant(precision: .f32, refresh: refresh), statistics: statistics)
    }

    @Test("Writes a table of all variants")
    func text() {
        let results = [self.result(refresh: 1, truth: 0), self.result(refresh: .max, truth: nil)]
        #expect(Snapshot.difference(of: ModeComparison.text(of: results), from: "comparison") == nil)
        #expect(ModeComparison.text(of: []) == "")
    }

    @Test("Becomes a record that conforms to the schema")
    func record() throws {
        let schema = try JSONSchema(parsing: RecordSchema.json)
        let record = self.result(refresh: 1, truth: 0).record
        #expect(schema.violations(of: record.jsonLine) == [])
        #expect((record.windows, record.top1Changes, record.confidentWindows, record.labeledWindows) == (3, 1, 2, 3))
        #expect(abs(record.top1Agreement - 2.0 / 3) < 1e-12 && record.confidentAgreement == 0.5)
        #expect(record.accuracy.map { abs($0 - 2.0 / 3) < 1e-12 } == true)
        #expect(record.refreshedTokens == 1 && record.scoreErrorBound == 1 && record.maxScoreError > 0.4)
        let all = self.result(refresh: .max, truth: nil).record
        #expect(schema.violations(of: all.jsonLine) == [])
        #expect(all.refreshedTokens == nil && all.accuracy == nil && all.labeledWindows == nil)
        #expect(try ComparisonRecord(jsonLine: all.jsonLine).jsonLine == all.jsonLine)
    }
}
