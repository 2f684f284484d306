import GerundCore
import GerundEngine
import GerundEvents
import GerundRecords
import GerundStream
import GerundTensor
import GerundTesting
import Glibc
import Testing

@Suite("ModeComparison", .timeLimit(.minutes(10)))
struct ModeComparisonTests {
    private let model: RecognitionModel
    private let plan: SamplingPlan
    private let labels: LabelSet

    init() throws {
        self.model = try DemoModel.model.get()
        self.plan = try DemoModel.plan()
        self.labels = try LabelSet(labels: ["walking", "running"], background: ["standing still"], for: self.model)
    }

    private func source() -> ScriptedFrameSource {
        ScriptedFrameSource(
            id: SourceID("clip.mp4"), frameFormat: self.model.inputFormat, capacity: 40,
            steps: [
                .state(.connected(ScriptedFrameSource.description)),
                .frames(count: 40, from: .zero, period: self.plan.samplingInterval), .state(.ended),
            ])
    }

    @Test("Compares exact windows of another precision once, requested or not", arguments: [[1], [.max, 1]])
    func exactOfOther(refreshes: [Int]) async throws {
        let comparison = try await ModeComparison(
            model: self.model, other: RecognitionModel(path: String(DemoModel.path), precision: .f32),
            labels: self.labels, plan: self.plan, refreshes: refreshes)
        #expect(comparison.results.map(\.variant.refresh).sorted() == [1, .max])
    }

    /// The logits of each window relative to the single background phrase, from the scores of a recognizer: a score is
    /// the logistic function of that difference.
    private func relativeLogits(_ mode: RecognitionMode) async throws -> [[Double]] {
        let sink = RecordList()
        let recognizer = try await Recognizer(
            model: self.model,
            configuration: RecognizerConfiguration(
                labels: self.labels, plan: self.plan, smoothing: .zero,
                thresholds: EventThresholds(startThreshold: 1, endThreshold: 1), mode: mode, audit: 0))
        _ = try await recognizer.run([self.source()], into: sink)
        return sink.labels.map { record in
            self.labels.labels.map { label in
                let score = record.top.first { $0.label == label }?.score ?? .nan
                return log(score / (1 - score))
            } + [0]
        }
    }

    @Test("Measures the differences between fast and exact windows, and the accuracy of fast ones")
    func figures() async throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        // The first 5 s are labeled: the windows that end between 1.75 and 5 s.
        let path = try directory.write(#"[{"start": 0, "end": 5, "label": "running"}]"#, to: "truth.json")
        var comparison = try await ModeComparison(
            model: self.model, other: nil, labels: self.labels, plan: self.plan, refreshes: [1, .max])
        try await comparison.compare(
            self.source(), groundTruth: GroundTruth(path: path), duration: nil, progress: { _ in })

        let (exact, fast) = (try await self.relativeLogits(.exact), try await self.relativeLogits(.fast))
        #expect(exact.count == 33 && fast.count == 33)
        func best(_ logits: [Double]) -> Int { logits.indices.max { logits[$0] < logits[$1] } ?? 0 }
        func score(_ logit: Double) -> Double { 1 / (1 + exp(-logit)) }
        let errors = zip(exact, fast).map { exact, fast in
            (0..<2).map { abs(score(exact[$0]) - score(fast[$0])) }
        }
        let same = zip(exact, fast).map { best($0) == best($1) }
        let isConfident = exact.map { logits in
            let sum = logits.map(exp).reduce(0, +)
            let probabilities = logits.map { exp($0) / sum }.sorted(by: >)
            return probabilities[0] - probabilities[1] > 0.5
        }

        let result = try #require(comparison.results.first { $0.variant.refresh == 1 }).statistics
        #expect(result.windows == 33)
        #expect(result.errors.top1Changes == same.count { !$0 })
        #expect(result.agreements == same.count { $0 })
        #expect(result.confidentWindows == isConfident.count { $0 })
        #expect(result.confidentAgreements == zip(same, isConfident).count { $0 && $1 })
        #expect(abs(result.errors.maxScoreError - (errors.flatMap(\.self).max() ?? 0)) < 1e-4)
        #expect(abs(result.errors.meanScoreError - errors.flatMap(\.self).reduce(0, +) / 66) < 1e-4)
        #expect(result.errors.maxScoreError > 1e-3, "fast windows differ from exact ones")
        // Rank 33 of 33: ceil(34 * 0.95).
        #expect(abs(result.errors.bound(confidence: 0.95) - result.errors.maxScoreError) < 1e-9)
        #expect(result.labeledWindows == 14)
        #expect(result.correct == fast.prefix(14).count { best($0) == 1 })

        let all = try #require(comparison.results.first { $0.variant.refresh == .max }).statistics
        #expect(all.windows == 33 && all.agreements == 33 && all.errors.maxScoreError < 1e-4)
    }

    @Test("Compares no more of a source than the given duration")
    func duration() async throws {
        var comparison = try await ModeComparison(
            model: self.model, other: nil, labels: self.labels, plan: self.plan, refreshes: [1])
        try await comparison.compare(
            self.source(), groundTruth: nil, duration: .seconds(4), progress: { _ in })
        // 16 frames.
        #expect(comparison.results.map(\.statistics.windows) == [9])
        #expect(comparison.results.map(\.statistics.labeledWindows) == [0])
    }

    @Test("Throws the source's error")
    func failure() async throws {
        var comparison = try await ModeComparison(
            model: self.model, other: nil, labels: self.labels, plan: self.plan, refreshes: [1])
        let failure = CaptureError(code: .notFound, source: SourceID("clip.mp4"), message: "no such file")
        let source = ScriptedFrameSource(
            id: SourceID("clip.mp4"), frameFormat: self.model.inputFormat, steps: [.state(.failed(failure))])
        let error = await #expect(throws: CaptureError.self) {
            try await comparison.compare(source, groundTruth: nil, duration: nil, progress: { _ in })
        }
        #expect(error == failure)
    }

    @Test("Refuses windows that don't fit the model, and a negative number of tokens")
    func invalid() async throws {
        let plan = try SamplingPlan(frameCount: 5, windowDuration: .seconds(2))
        for (plan, refresh) in [(plan, 1), (self.plan, -1)] {
            let error = await #expect(throws: ModelError.self) {
                _ = try await ModeComparison(
                    model: self.model, other: nil, labels: self.labels, plan: plan, refreshes: [refresh])
            }
            #expect(error?.code == .invalidSetting)
        }
    }
}
