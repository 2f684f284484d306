import GerundCore
import GerundRecords
import GerundTesting
import Testing

@testable import GerundEngine
@testable import GerundTensor

@Suite("BenchmarkReport")
struct BenchmarkReportTests {
    private func report(refresh: Int?, peak: MachinePeak) -> BenchmarkReport {
        func milliseconds(_ values: Double...) -> [Duration] { values.map { .microseconds($0 * 1000) } }
        return BenchmarkReport(
            machine: BenchmarkMachine(
                processor: "A processor", features: ["avx2", "fma"], threads: 2, engine: "oneDNN 3.5",
                blasCore: "Haswell", peak: peak),
            model: "generated:base-patch32", precision: .f32, refresh: refresh, labels: 16, load: .milliseconds(1230),
            rows: [
                BenchmarkReport.Row(
                    sources: 1,
                    times: [
                        .frame: milliseconds(4, 5, 6), .video: milliseconds(30, 31, 32), .logits: milliseconds(1, 1, 1),
                        .window: milliseconds(40, 36, 38), .coldWindow: milliseconds(90),
                    ], rooflineTime: .microseconds(28_500), residentBytes: 812_345_678),
                BenchmarkReport.Row(
                    sources: 16, times: [.window: milliseconds(400, 410), .coldWindow: milliseconds(900)],
                    rooflineTime: nil, residentBytes: 1_500_000_000),
            ])
    }

    private let peak = MachinePeak(gigaOperationsPerSecond: [.f32: 123.4, .int8: 400], gigabytesPerSecond: 12.34)

    @Test("Writes a table per number of sources, with the percentage of the roofline")
    func text() {
        #expect(Snapshot.difference(of: self.report(refresh: nil, peak: self.peak).text, from: "benchmark") == nil)
        #expect(self.report(refresh: 1, peak: self.peak).text.contains("fast mode with 1 refreshed token, f32"))
        #expect(self.report(refresh: 4, peak: self.peak).text.contains("fast mode with 4 refreshed tokens, f32"))
    }

    @Test("Becomes a record that conforms to the schema and is read back")
    func record() throws {
        let record = self.report(refresh: nil, peak: self.peak).record
        #expect(try JSONSchema(parsing: RecordSchema.json).violations(of: record.jsonLine) == [])
        #expect(record.rows[0].median == .milliseconds(38) && record.rows[0].minimum == .milliseconds(36))
        #expect(record.rows[0].maximum == .milliseconds(40) && record.rows[0].coldStart == .milliseconds(90))
        #expect(record.rows[0].refreshedTokens == nil && record.rows[0].mode == "exact" && record.rows[0].runs == 3)
        #expect(record.rows[1].median == .milliseconds(405) && record.rows[1].roofline == nil)
        #expect(record.machine.peakGigaflops == BenchRecord.PeakGigaflops(f32: 123.4, bf16: nil, int8: 400))
        let back = try BenchRecord(jsonLine: record.jsonLine)
        #expect(back.jsonLine == record.jsonLine && back.rows[1] == record.rows[1])
        let fast = self.report(refresh: 1, peak: self.peak).record
        #expect(fast.rows[0].refreshedTokens == 1 && fast.rows[0].mode == "fast")
    }
}
