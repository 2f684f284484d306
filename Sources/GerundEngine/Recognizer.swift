import FoundationEssentials
import GerundEvents
public import GerundStream
import GerundTensor

/// Continuous recognition: sources in, records out. The library's front door.
///
///     let model = try RecognitionModel(path: "xclip-base-patch32")
///     let labels = try LabelSet(labels: ["waving a hand", "falling down"], background: [], for: model)
///     let plan = WindowPlan(frameCount: model.frameCount, span: .seconds(8))
///     let recognizer = try await Recognizer(
///         model: model, configuration: RecognizerConfiguration(labels: labels, plan: plan))
///     try await recognizer.run(sources, into: sink)
///
/// All sources share one model and one engine. Cancelling the task ends all of them within a second, with open
/// events closed.
public struct Recognizer: Sendable {
    /// Gerund's version.
    public static let version = "0.1.0"

    private let model: RecognitionModel
    private let configuration: RecognizerConfiguration
    private let engine: InferenceEngine

    /// Encodes the labels.
    ///
    /// - Throws: ``ModelError`` `system` when the system has no thread for the engine; `CancellationError`.
    public init(model: RecognitionModel, configuration: RecognizerConfiguration) async throws {
        precondition(
            configuration.plan.frameCount == model.frameCount,
            "windows of \(configuration.plan.frameCount) frames for a model of \(model.frameCount)")
        self.model = model
        self.configuration = configuration
        self.engine = try await InferenceEngine(model: model, labels: configuration.labels)
    }

    /// Recognizes until all sources have ended or been given up, or the task is cancelled.
    ///
    /// The first record is that of the run. Records of one source come in order.
    ///
    /// - Returns: How each source came out, in the sources' order.
    /// - Throws: What the sink throws; all sources are stopped before.
    public func run(_ sources: [any FrameSource], into sink: any RecordSink) async throws -> [SourceOutcome] {
        try await sink.take(.run(self.runRecord))
        return try await withThrowingTaskGroup(of: (Int, SourceOutcome).self) { group in
            for (index, source) in sources.enumerated() {
                var session = SourceSession(
                    source: source, engine: self.engine, configuration: self.configuration, sink: sink)
                group.addTask { (index, try await session.run()) }
            }
            var outcomes = [SourceOutcome](repeating: SourceOutcome(), count: sources.count)
            for try await (index, outcome) in group { outcomes[index] = outcome }
            return outcomes
        }
    }

    private var runRecord: RunRecord {
        let plan = self.configuration.plan
        return RunRecord(
            version: Self.version, model: self.model.name, checksum: self.model.checksum,
            labels: self.configuration.labels.labels, background: self.configuration.labels.background,
            span: plan.span / .seconds(1), rate: plan.rate, frames: plan.frameCount,
            mode: self.configuration.mode.rawValue, precision: self.model.precision.rawValue, time: .now)
    }
}
