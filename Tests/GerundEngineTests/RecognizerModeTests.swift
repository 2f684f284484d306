import GerundCore
import GerundEngine
import GerundEvents
import GerundStream
import GerundTesting
import Testing

@Suite("A recognizer's modes", .timeLimit(.minutes(5)))
struct RecognizerModeTests {
    private let model: RecognitionModel
    private let plan: WindowPlan
    private let labels: LabelSet

    init() throws {
        self.model = try DemoModel.model.get()
        self.plan = try DemoModel.plan()
        self.labels = try LabelSet(labels: ["walking", "running"], background: ["standing still"], for: self.model)
    }

    private func source(_ name: String, policy: FeedPolicy = .wait) -> ScriptedFrameSource {
        ScriptedFrameSource(
            id: SourceID(name), picture: self.model.picture, capacity: 40, policy: policy,
            steps: [
                .state(.opened(ScriptedFrameSource.description)),
                .frames(count: 24, from: .zero, period: self.plan.period), .state(.ended),
            ])
    }

    private func labels(
        _ mode: RecognitionMode, refresh: Int = 1, sources: [ScriptedFrameSource]
    ) async throws -> [LabelRecord] {
        let sink = RecordList()
        let recognizer = try await Recognizer(
            model: self.model,
            configuration: RecognizerConfiguration(
                labels: self.labels, plan: self.plan, smoothing: .zero, mode: mode, refresh: refresh))
        _ = try await recognizer.run(sources, into: sink)
        return sink.labels
    }

    private func scores(_ records: [LabelRecord]) -> [[Double]] {
        records.map { $0.top.sorted { $0.label < $1.label }.map(\.score) }
    }

    @Test("fast windows say so, and with all rows refreshed are the exact ones")
    func allRows() async throws {
        let exact = try await self.labels(.exact, sources: [self.source("door")])
        let all = try await self.labels(.fast, refresh: .max, sources: [self.source("door")])
        #expect(exact.count == 17 && exact.allSatisfy { $0.mode == "exact" })
        #expect(all.count == 17 && all.allSatisfy { $0.mode == "fast" })
        for (one, other) in zip(self.scores(exact), self.scores(all)) {
            #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-4 })
        }
    }

    @Test("fast windows differ from exact ones after the first, and not by much")
    func classToken() async throws {
        let exact = self.scores(try await self.labels(.exact, sources: [self.source("door")]))
        let fast = self.scores(try await self.labels(.fast, sources: [self.source("door")]))
        #expect(zip(exact[0], fast[0]).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(exact.dropFirst() != fast.dropFirst())
    }

    @Test("two runs give the same scores", arguments: [RecognitionMode.exact, .fast])
    func deterministic(mode: RecognitionMode) async throws {
        let first = self.scores(try await self.labels(mode, sources: [self.source("door")]))
        let second = self.scores(try await self.labels(mode, sources: [self.source("door")]))
        #expect(first == second)
    }

    @Test("a source's scores don't depend on who shares the engine", arguments: [RecognitionMode.exact, .fast])
    func batches(mode: RecognitionMode) async throws {
        let alone = self.scores(try await self.labels(mode, sources: [self.source("door")]))
        let names = (0..<6).map { "camera \($0)" }
        let together = try await self.labels(mode, sources: names.map { self.source($0) })
        for name in names {
            let own = self.scores(together.filter { $0.source.name == name })
            #expect(own.count == alone.count)
            for (one, other) in zip(own, alone) {
                #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-4 }, "\(name)")
            }
        }
    }

    @Test("a file is computed exactly when the choice is Gerund's")
    func automatic() async throws {
        let records = try await self.labels(.auto, sources: [self.source("clip.mp4")])
        #expect(records.count == 17 && records.allSatisfy { $0.mode == "exact" })
    }
}
