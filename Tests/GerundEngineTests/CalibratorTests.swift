import GerundCore
import GerundEngine
import GerundEvents
import GerundRecords
import GerundStream
import GerundTesting
import Testing

@Suite("Calibrator", .timeLimit(.minutes(10)))
struct CalibratorTests {
    private let model: RecognitionModel
    private let plan: SamplingPlan

    init() throws {
        self.model = try DemoModel.model.get()
        self.plan = try DemoModel.plan()
    }

    /// Returns a source of twice 32 frames of noise, with a discontinuity between them.
    private func source(_ name: String = "door", frames: Int = 32) -> ScriptedFrameSource {
        ScriptedFrameSource(
            id: SourceID(name), frameFormat: self.model.inputFormat,
            steps: [
                .state(.connected(ScriptedFrameSource.description)),
                .frames(count: frames, from: .zero, period: self.plan.samplingInterval),
                .frames(
                    count: frames, from: MediaTime(seconds: 100), period: self.plan.samplingInterval, firstTick: 400,
                    segment: 1),
                .state(.ended),
            ])
    }

    private func configuration(
        _ levels: HysteresisThresholds, mode: RecognitionMode = .exact
    ) throws -> RecognizerConfiguration {
        RecognizerConfiguration(
            labels: try LabelSet(labels: ["walking"], background: ["standing still"], for: self.model), plan: self.plan,
            smoothing: .milliseconds(100),
            thresholds: EventThresholds(
                startThreshold: levels.start, endThreshold: levels.end, minimumDuration: .milliseconds(250),
                mergeGap: .zero),
            mode: mode, audit: 0)
    }

    private func starts(_ configuration: RecognizerConfiguration) async throws -> Int {
        let sink = RecordList()
        _ = try await Recognizer(model: self.model, configuration: configuration).run([self.source()], into: sink)
        return sink.events.count / 2
    }

    /// Returns thresholds that the scores of noise cross often.
    private func defaultThresholds() async throws -> HysteresisThresholds {
        let sink = RecordList()
        let configuration = try self.configuration(HysteresisThresholds(start: 1, end: 1))
        _ = try await Recognizer(model: self.model, configuration: configuration).run([self.source()], into: sink)
        let scores = sink.labels.map { $0.top[0].score }.sorted()
        return HysteresisThresholds(start: scores[scores.count / 2], end: scores[scores.count / 4])
    }

    @Test("Counts the events that recognition starts, and finds thresholds that none of them reaches")
    func sameEvents() async throws {
        let usual = try await self.defaultThresholds()
        let configuration = try self.configuration(usual)
        let starts = try await self.starts(configuration)
        #expect(starts > 0)

        let calibrator = try await Calibrator(model: self.model, configuration: configuration)
        let (calibration, outcomes) = try await calibrator.run([self.source()], budget: 1) { _ in }
        let result = try #require(calibration)
        #expect(result.labels[0].alarmsAtDefault == starts)
        // 25 windows on each side of the discontinuity.
        #expect(result.observedDuration == self.plan.samplingInterval * 48)
        #expect(outcomes.map(\.windows) == [50])
        #expect(!result.meetsBudget && result.alarms == 0)

        let levels = try #require(result.labels[0].thresholds)
        #expect(levels.start > usual.start)
        #expect(try await self.starts(self.configuration(levels)) == 0)

        // A budget that the default thresholds meet.
        let generous = try await calibrator.run([self.source()], budget: 1e6) { _ in }.calibration
        #expect(generous?.labels[0].thresholds == usual && generous?.alarms == starts && generous?.meetsBudget == true)
    }

    @Test("Adds up the observations of several sources")
    func sources() async throws {
        let calibrator = try await Calibrator(
            model: self.model, configuration: self.configuration(try await self.defaultThresholds()))
        let one = try #require(try await calibrator.run([self.source()], budget: 1) { _ in }.calibration)
        let two = try #require(
            try await calibrator.run([self.source("door"), self.source("yard")], budget: 1) { _ in }.calibration)
        #expect(two.observedDuration == one.observedDuration * 2)
        #expect(two.labels[0].alarmsAtDefault == one.labels[0].alarmsAtDefault * 2)
    }

    @Test("Returns no calibration for a source that is too short")
    func short() async throws {
        let calibrator = try await Calibrator(
            model: self.model, configuration: self.configuration(HysteresisThresholds(start: 0.6, end: 0.4)))
        let (calibration, _) = try await calibrator.run([self.source(frames: 8)], budget: 1) { _ in }
        #expect(calibration == nil)
    }
}
