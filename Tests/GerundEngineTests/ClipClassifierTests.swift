import GerundCore
import GerundEngine
import GerundStream
import GerundTesting
import Testing

@Suite("A clip classifier with the demo model", .timeLimit(.minutes(5)))
struct ClipClassifierTests {
    private let model: RecognitionModel
    private let classifier: ClipClassifier

    init() async throws {
        self.model = try DemoModel.model.get()
        let labels = try LabelSet(labels: ["walking", "running", "jumping"], background: [], for: self.model)
        self.classifier = try await ClipClassifier(model: self.model, labels: labels, plan: DemoModel.plan())
    }

    /// A clip of 25 frames a second, or of the given times, sampled as asked for.
    private func clip(_ times: [MediaTime], period: Duration, declared: Double = 25) -> ScriptedFrameSource {
        var sampler = FrameSampler(period: period)
        var description = ScriptedFrameSource.description
        description.frameRate = declared
        var steps: [ScriptedFrameSource.Step] = [.state(.opened(description))]
        for (index, time) in times.enumerated() {
            guard let slot = sampler.frameArrived(at: time) else { continue }
            steps.append(
                .frame(CapturedFrame(time: time, slot: slot, segment: 0, arrival: .now), .noise(number: index)))
        }
        return ScriptedFrameSource(
            id: SourceID("clip.mp4"), picture: self.model.picture, steps: steps + [.state(.ended)])
    }

    private func times(_ count: Int, rate: Double = 25) -> [MediaTime] {
        (0..<count).map { MediaTime(seconds: Double($0) / rate) }
    }

    @Test("averages all windows of a clip, and gives the same answer twice")
    func longClip() async throws {
        let answer = try await self.classifier.classify { self.clip(self.times(75), period: $0) }
        #expect(answer.windows == 5 && answer.span == .seconds(2))
        #expect(Set(answer.answers.map(\.label)) == ["walking", "running", "jumping"])
        #expect(zip(answer.answers, answer.answers.dropFirst()).allSatisfy { $0.share >= $1.share })
        #expect(answer.answers.allSatisfy { (0...1).contains($0.score) && $0.share <= $0.score })
        #expect(try await self.classifier.classify { self.clip(self.times(75), period: $0) } == answer)
        #expect(answer.jsonLine(top: 1).hasPrefix(#"{"type":"classification","source":"clip.mp4","label":"#))
    }

    @Test("covers a clip that is shorter than the span by one window", arguments: [8, 13, 20, 40, 43])
    func shortClip(count: Int) async throws {
        let answer = try await self.classifier.classify { self.clip(self.times(count), period: $0) }
        #expect(answer.windows >= 1)
        #expect(answer.span < .seconds(2))
    }

    @Test("covers a short clip also when its frame rate is declared wrongly")
    func wrongRate() async throws {
        for declared in [1.0, 5, 24, 1000] {
            let answer = try await self.classifier.classify {
                self.clip(self.times(20), period: $0, declared: declared)
            }
            #expect(answer.windows >= 1, "\(declared) frames per second")
        }
    }

    @Test("refuses a single picture and a clip without any", arguments: [0, 1])
    func noClip(count: Int) async throws {
        let error = await #expect(throws: CaptureError.self) {
            _ = try await self.classifier.classify { self.clip(self.times(count), period: $0) }
        }
        #expect(error?.code == .notAVideo)
        #expect(error?.description == "clip.mp4: has a single frame: an action takes time to show")
    }

    @Test("passes on why a clip can't be read")
    func failure() async throws {
        let failure = CaptureError(code: .notFound, source: SourceID("clip.mp4"), message: "no such file")
        let error = await #expect(throws: CaptureError.self) {
            _ = try await self.classifier.classify { _ in
                ScriptedFrameSource(
                    id: SourceID("clip.mp4"), picture: self.model.picture, steps: [.state(.failed(failure))])
            }
        }
        #expect(error == failure)
    }

    @Test("ends when its task is cancelled, however long the clip is")
    func cancellation() async throws {
        let classifier = self.classifier
        let clip = self.clip(self.times(2_000_000 / 200), period: .milliseconds(1))
        let task = Task { try await classifier.classify { _ in clip } }
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
    }
}
