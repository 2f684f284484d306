import GerundCore
import GerundEngine
import GerundEvents
import GerundStream
import GerundTesting
import Testing

@Suite("A calibrator with the demo model", .timeLimit(.minutes(5)))
struct CalibratorTests {
    private let model: RecognitionModel
    private let plan: WindowPlan

    init() throws {
        self.model = try DemoModel.model.get()
        self.plan = try DemoModel.plan()
    }

    /// Pictures of noise, two times 60, with a break between them.
    private func source(_ name: String = "door", frames: Int = 60) -> ScriptedFrameSource {
        ScriptedFrameSource(
            id: SourceID(name), picture: self.model.picture,
            steps: [
                .state(.opened(ScriptedFrameSource.description)),
                .frames(count: frames, from: .zero, period: self.plan.period),
                .frames(
                    count: frames, from: MediaTime(seconds: 100), period: self.plan.period, firstSlot: 400, segment: 1),
                .state(.ended),
            ])
    }

    private func configuration(_ levels: EventLevels, mode: RecognitionMode = .exact) throws -> RecognizerConfiguration
    {
        RecognizerConfiguration(
            labels: try LabelSet(labels: ["walking"], background: ["standing still"], for: self.model), plan: self.plan,
            smoothing: .milliseconds(100),
            thresholds: EventThresholds(
                enter: levels.enter, exit: levels.exit, minimumDuration: .milliseconds(250), mergeGap: .zero),
            mode: mode, audit: 0)
    }

    private func starts(_ configuration: RecognizerConfiguration) async throws -> Int {
        let sink = RecordList()
        _ = try await Recognizer(model: self.model, configuration: configuration).run([self.source()], into: sink)
        return sink.events.count / 2
    }

    /// A level about which the scores of noise swing.
    private func usualLevel() async throws -> EventLevels {
        let sink = RecordList()
        let configuration = try self.configuration(EventLevels(enter: 1, exit: 1))
        _ = try await Recognizer(model: self.model, configuration: configuration).run([self.source()], into: sink)
        let scores = sink.labels.map { $0.top[0].score }.sorted()
        return EventLevels(enter: scores[scores.count / 2], exit: scores[scores.count / 4])
    }

    @Test("counts the events that recognition starts, and none of them is left with the levels that it finds")
    func sameEvents() async throws {
        let usual = try await self.usualLevel()
        let configuration = try self.configuration(usual)
        let starts = try await self.starts(configuration)
        #expect(starts > 0)

        let calibrator = try await Calibrator(model: self.model, configuration: configuration)
        let (calibration, outcomes) = try await calibrator.run([self.source()], budget: 1) { _ in }
        let result = try #require(calibration)
        #expect(result.labels[0].usualAlarms == starts)
        // 53 windows each side of the break.
        #expect(result.watched == self.plan.period * 104)
        #expect(outcomes.map(\.windows) == [106])
        #expect(!result.isKept && result.alarms == 0)

        let levels = try #require(result.labels[0].levels)
        #expect(levels.enter > usual.enter)
        #expect(try await self.starts(self.configuration(levels)) == 0)

        // A budget that is not worth raising anything for.
        let generous = try await calibrator.run([self.source()], budget: 1e6) { _ in }.calibration
        #expect(generous?.labels[0].levels == usual && generous?.alarms == starts && generous?.isKept == true)
    }

    @Test("adds up what several sources showed")
    func sources() async throws {
        let calibrator = try await Calibrator(
            model: self.model, configuration: self.configuration(try await self.usualLevel()))
        let one = try #require(try await calibrator.run([self.source()], budget: 1) { _ in }.calibration)
        let two = try #require(
            try await calibrator.run([self.source("door"), self.source("yard")], budget: 1) { _ in }.calibration)
        #expect(two.watched == one.watched * 2)
        #expect(two.labels[0].usualAlarms == one.labels[0].usualAlarms * 2)
    }

    @Test("says nothing of footage that is too short")
    func short() async throws {
        let calibrator = try await Calibrator(
            model: self.model, configuration: self.configuration(EventLevels(enter: 0.6, exit: 0.4)))
        let (calibration, _) = try await calibrator.run([self.source(frames: 8)], budget: 1) { _ in }
        #expect(calibration == nil)
    }
}
