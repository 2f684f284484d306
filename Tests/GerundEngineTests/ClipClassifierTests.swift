import GerundCore
import GerundEngine
import GerundStream
import GerundTesting
import Glibc
import Testing

@Suite("ClipClassifier", .timeLimit(.minutes(10)))
struct ClipClassifierTests {
    private let model: RecognitionModel
    private let labels: LabelSet
    private let classifier: ClipClassifier

    init() async throws {
        self.model = try DemoModel.model.get()
        self.labels = try LabelSet(labels: ["walking", "running", "jumping"], background: [], for: self.model)
        self.classifier = try await ClipClassifier(model: self.model, labels: self.labels, plan: DemoModel.plan())
    }

    /// Returns a clip with frames at the given times, of which those at the sampling interval are delivered.
    private func clip(_ times: [MediaTime], period: Duration, declared: Double = 25) -> ScriptedFrameSource {
        var sampler = FrameSampler(samplingInterval: period)
        var description = ScriptedFrameSource.description
        description.frameRate = declared
        var steps: [ScriptedFrameSource.Step] = [.state(.connected(description))]
        for (index, time) in times.enumerated() {
            guard let tick = sampler.frameArrived(at: time) else { continue }
            steps.append(
                .frame(CapturedFrame(time: time, tick: tick, segment: 0, arrival: .now), .noise(number: index)))
        }
        return ScriptedFrameSource(
            id: SourceID("clip.mp4"), frameFormat: self.model.inputFormat, steps: steps + [.state(.ended)])
    }

    private func times(_ count: Int, rate: Double = 25) -> [MediaTime] {
        (0..<count).map { MediaTime(seconds: Double($0) / rate) }
    }

    @Test("Averages the logits of all windows of a clip")
    func longClip() async throws {
        let answer = try await self.classifier.classify { self.clip(self.times(75), period: $0) }
        #expect(answer.windows == 5 && answer.windowDuration == .seconds(2))
        #expect(zip(answer.predictions, answer.predictions.dropFirst()).allSatisfy { $0.probability >= $1.probability })

        // The frames that are due every 250 ms.
        var sampler = FrameSampler(samplingInterval: .milliseconds(250))
        let sampled = self.times(75).indices.filter { sampler.frameArrived(at: self.times(75)[$0]) != nil }
        #expect(sampled.count == 12)
        let windows = (0..<5).map { first in sampled[first..<first + 8].map { SyntheticFrame.noise(number: $0) } }
        let logits = try self.model.referenceLogits(of: windows, texts: self.labels.texts)
        let means = self.labels.texts.indices.map { text in logits.reduce(0) { $0 + Double($1[text]) } / 5 }
        let background = means.dropFirst(self.labels.labels.count).map(exp).reduce(0, +)
        let all = means.map(exp).reduce(0, +)
        #expect(Set(answer.predictions.map(\.label)) == Set(self.labels.labels))
        for (label, mean) in zip(self.labels.labels, means) {
            let prediction = try #require(answer.predictions.first { $0.label == label })
            #expect(abs(prediction.score - exp(mean) / (exp(mean) + background)) < 1e-4, "\(label)")
            #expect(abs(prediction.probability - exp(mean) / all) < 1e-4, "\(label)")
        }
    }

    @Test("Gives the same answer twice")
    func deterministic() async throws {
        let answers = [
            try await self.classifier.classify { self.clip(self.times(75), period: $0) },
            try await self.classifier.classify { self.clip(self.times(75), period: $0) },
        ]
        #expect(answers[0] == answers[1])
    }

    @Test("Covers a clip that is shorter than a window with one window", arguments: [8, 13, 20, 40, 43])
    func shortClip(count: Int) async throws {
        let answer = try await self.classifier.classify { self.clip(self.times(count), period: $0) }
        #expect(answer.windows >= 1)
        #expect(answer.windowDuration < .seconds(2))
    }

    @Test("Covers a short clip whose declared frame rate is wrong")
    func wrongRate() async throws {
        for declared in [1.0, 5, 24, 1000] {
            let answer = try await self.classifier.classify {
                self.clip(self.times(20), period: $0, declared: declared)
            }
            #expect(answer.windows >= 1, "\(declared) frames per second")
        }
    }

    @Test("Refuses a clip with fewer than two frames", arguments: [0, 1])
    func noClip(count: Int) async throws {
        let error = await #expect(throws: CaptureError.self) {
            _ = try await self.classifier.classify { self.clip(self.times(count), period: $0) }
        }
        #expect(error?.code == .invalidData)
        #expect(error?.summary == "clip.mp4: the clip has only one frame")
    }

    @Test("Refuses windows that don't fit the model")
    func otherPlan() async throws {
        let plan = try SamplingPlan(frameCount: 5, windowDuration: .seconds(2))
        let error = await #expect(throws: ModelError.self) {
            _ = try await ClipClassifier(model: self.model, labels: self.labels, plan: plan)
        }
        #expect(error?.code == .invalidSetting)
    }

    @Test("Throws the source's error if a clip can't be read")
    func failure() async throws {
        let failure = CaptureError(code: .notFound, source: SourceID("clip.mp4"), message: "no such file")
        let error = await #expect(throws: CaptureError.self) {
            _ = try await self.classifier.classify { _ in
                ScriptedFrameSource(
                    id: SourceID("clip.mp4"), frameFormat: self.model.inputFormat, steps: [.state(.failed(failure))])
            }
        }
        #expect(error == failure)
    }

    /// A source that calls a function when its feed has delivered a number of frames.
    private struct ObservedSource: FrameSource {
        let source: ScriptedFrameSource
        let count: Int
        let onFrames: @Sendable () -> Void

        var id: SourceID { self.source.id }
        func start() -> FrameFeed {
            let feed = self.source.start()
            Task { [count, onFrames] in
                while feed.metrics().dequeued < count { await Task.yield() }
                onFrames()
            }
            return feed
        }
        func stop() async { await self.source.stop() }
    }

    @Test("Ends a long clip when its task is cancelled", .timeLimit(.minutes(10)))
    func cancellation() async throws {
        let classifier = self.classifier
        let (reached, continuation) = AsyncStream.makeStream(of: Void.self)
        // Hours of frames, of which some windows are computed before the task is cancelled.
        let frames = ScriptedFrameSource(
            id: SourceID("clip.mp4"), frameFormat: self.model.inputFormat,
            steps: [
                .state(.connected(ScriptedFrameSource.description)),
                .frames(count: 100_000, from: .zero, period: .milliseconds(250)), .state(.ended),
            ])
        let source = ObservedSource(source: frames, count: 20) { continuation.finish() }
        let task = Task { try await classifier.classify { _ in source } }
        for await _ in reached {}
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        #expect(frames.start().metrics().dequeued < 100_000)
    }
}
