import GerundCore
import GerundEngine
import GerundTensor
import Synchronization
import Testing

@Suite("Benchmark", .timeLimit(.minutes(10)))
struct BenchmarkTests {
    private func configuration(
        refresh: Int? = nil, threads: Int = 1, labels: Int = 3, sources: [Int] = [1, 2], runs: Int = 3
    ) -> Benchmark.Configuration {
        Benchmark.Configuration(
            refresh: refresh, precision: .f32, threads: threads, labels: labels, sources: sources, runs: runs)
    }

    @Test("Times every stage of each run, for exact and fast windows", arguments: [nil, 1])
    func times(refresh: Int?) async throws {
        let steps = Mutex<[String]>([])
        let benchmark = Benchmark(
            source: .directory(String(DemoModel.path)), configuration: self.configuration(refresh: refresh))
        let report = try await benchmark.run { step in steps.withLock { $0.append(step) } }
        #expect((report.model, report.labels, report.refresh) == ("gerund-demo", 3, refresh))
        #expect(report.load > .zero && report.machine.threads == 1)
        #expect(report.rows.map(\.sources) == [1, 2])
        for row in report.rows {
            for stage in [BenchmarkReport.Stage.frame, .video, .logits, .window] {
                #expect(row.times[stage]?.count == 3, "\(stage)")
                #expect(row.median(stage) > .zero, "\(stage)")
            }
            #expect(row.times[.coldWindow]?.count == 1)
            let parts = [BenchmarkReport.Stage.frame, .video, .logits].compactMap { row.times[$0] }
            for (run, window) in (row.times[.window] ?? []).enumerated() {
                #expect(parts.reduce(Duration.zero) { $0 + $1[run] } <= window)
            }
            #expect(try #require(row.rooflineTime) > .zero)
            #expect(row.residentBytes > 1_000_000)
        }
        #expect(steps.withLock { $0.count } == 5, "the machine, the model, the labels, and each number of sources")
    }

    @Test("Refuses numbers that are out of range")
    func invalid() async {
        let invalid = [
            self.configuration(refresh: -1), self.configuration(threads: 0), self.configuration(labels: 0),
            self.configuration(sources: [1, 0]), self.configuration(runs: 0),
        ]
        for configuration in invalid {
            let benchmark = Benchmark(source: .directory(String(DemoModel.path)), configuration: configuration)
            let error = await #expect(throws: ModelError.self) { _ = try await benchmark.run { _ in } }
            #expect(error?.code == .invalidSetting)
        }
    }

    @Test("Throws the error of a model that can't be loaded")
    func missingModel() async {
        let benchmark = Benchmark(source: .directory("/nonexistent"), configuration: self.configuration())
        let error = await #expect(throws: ModelError.self) { _ = try await benchmark.run { _ in } }
        #expect(error?.code == .modelDirectory)
    }
}
