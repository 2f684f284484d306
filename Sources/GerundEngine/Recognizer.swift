import FoundationEssentials
import GerundCore
import GerundEvents
import GerundRecords
public import GerundStream
import GerundTensor

/// Continuous recognition: sources in, records out.
///
///     let model = try RecognitionModel(path: "xclip-base-patch32")
///     let labels = try LabelSet(labels: ["waving a hand", "falling down"], background: [], for: model)
///     let plan = try SamplingPlan(frameCount: model.frameCount, windowDuration: .seconds(8))
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

    /// Creates a recognizer and encodes the labels.
    ///
    /// - Parameters:
    ///   - model: The loaded model.
    ///   - configuration: The configuration for all sources.
    /// - Throws: ``ModelError`` if a setting is out of range or doesn't fit the model, or no thread can be created for
    ///   the engine; `CancellationError`.
    public init(model: RecognitionModel, configuration: RecognizerConfiguration) async throws {
        try configuration.validate()
        try model.validate(configuration.plan, mode: configuration.mode)
        self.model = model
        self.configuration = configuration
        self.engine = try await InferenceEngine(
            model: model, labels: configuration.labels, mode: configuration.mode)
    }

    /// Recognizes until all sources have ended or failed, or the task is cancelled.
    ///
    /// The first record is that of the run. The records of one source are written in order.
    ///
    /// - Parameters:
    ///   - sources: The first sources.
    ///   - controller: The controller that updates and stops the run. A controller can be used for one run only.
    ///   - sink: The destination of the records.
    /// - Returns: The outcome of each source, in the order in which the sources started.
    /// - Throws: The first error of the sink, after all sources have been stopped.
    public func run(
        _ sources: [any FrameSource], controller: RunController = RunController(), into sink: any RecordSink
    ) async throws -> [SourceOutcome] {
        controller.runStarted(self.configuration, embeddings: self.engine.labels)
        defer { controller.runEnded() }
        let id = ULID(randomAt: Date.now.timeIntervalSince1970)
        try await sink.write(.run(self.runRecord(self.configuration, run: id)))
        let run = Run(id: id, recognizer: self, controller: controller, sink: sink)
        return try await withThrowingTaskGroup(of: Run.Step.self) { group in
            try await run.run(sources, in: &group)
        }
    }

    /// Returns the record of a run, which is written at its start and again with the same id when its labels change.
    private func runRecord(_ configuration: RecognizerConfiguration, run: ULID) -> RunRecord {
        let plan = configuration.plan
        let digest = self.model.checksum.split(separator: ":").last ?? ""
        return RunRecord(
            run: run.description, version: Self.version, model: self.model.name, modelSHA256: String(digest),
            labels: configuration.labels.labels, background: configuration.labels.background,
            window: plan.windowDuration, windowsPerSecond: plan.windowRate, framesPerWindow: plan.frameCount,
            mode: configuration.mode.rawValue, precision: self.model.precision.rawValue, time: .now)
    }
}

extension Recognizer {
    /// One run: the loop that starts and stops sources and carries out updates.
    private struct Run: Sendable {
        /// The result of a child task of the run.
        enum Step: Sendable {
            case sourceEnded(SourceID, index: Int, SourceOutcome)
            case sourceStopped
            /// An update was requested; `nil` if the run was cancelled.
            case updateRequested(RecognizerUpdate?)
            /// The texts of the update are encoded.
            case updatePrepared(RecognizerUpdate, LabelEmbeddings)
            case updateRefused(ModelError)
            case updateCancelled
        }

        private typealias Group = ThrowingTaskGroup<Step, any Error>

        let id: ULID
        let recognizer: Recognizer
        let controller: RunController
        let sink: any RecordSink

        func run(
            _ sources: [any FrameSource], in group: inout ThrowingTaskGroup<Step, any Error>
        ) async throws -> [SourceOutcome] {
            var outcomes: [SourceOutcome] = []
            for source in sources { self.add(source, &outcomes, in: &group) }
            self.awaitUpdate(in: &group)
            while !self.controller.hasNoSources, let step = try await group.next() {
                switch step {
                case .sourceEnded(let id, let index, let outcome):
                    outcomes[index] = outcome
                    if let next = self.controller.sourceEnded(id) { self.start(next, &outcomes, in: &group) }
                case .updateRequested(let update?):
                    group.addTask { await self.prepare(update) }
                case .updatePrepared(let update, let embeddings):
                    if let pending = self.controller.beginCommit() {
                        do {
                            pending.complete(
                                .success(try await self.commit(update, embeddings, &outcomes, in: &group)))
                        } catch {
                            pending.complete(.success(.discarded))
                            throw error
                        }
                    }
                    self.awaitUpdate(in: &group)
                case .updateRefused(let error):
                    self.controller.beginCommit()?.complete(.failure(error))
                    self.awaitUpdate(in: &group)
                case .updateRequested(nil), .updateCancelled, .sourceStopped:
                    break
                }
            }
            group.cancelAll()
            return outcomes
        }

        private func add(_ source: any FrameSource, _ outcomes: inout [SourceOutcome], in group: inout Group) {
            let member = RunController.RunningSource(source: source)
            switch self.controller.add(member) {
            case .start: self.start(member, &outcomes, in: &group)
            case .wait: break
            }
        }

        private func start(
            _ member: RunController.RunningSource, _ outcomes: inout [SourceOutcome], in group: inout Group
        ) {
            let index = outcomes.count
            outcomes.append(SourceOutcome())
            var session = SourceSession(
                source: member.source, engine: self.recognizer.engine, controller: self.controller,
                removal: member.removal, sink: self.sink)
            group.addTask { .sourceEnded(member.source.id, index: index, try await session.run()) }
        }

        /// Stops a source in a dedicated task, because that takes as long as the source's thread needs to end.
        private func stop(_ member: RunController.RunningSource, in group: inout Group) {
            group.addTask {
                await member.source.stop()
                return .sourceStopped
            }
        }

        /// Waits for the next update.
        ///
        /// The next call must follow the completion of that update.
        private func awaitUpdate(in group: inout Group) {
            group.addTask { [controller] in .updateRequested(await controller.nextUpdate()) }
        }

        private func prepare(_ update: RecognizerUpdate) async -> Step {
            let known = self.controller.activeConfiguration.embeddings
            guard let labels = update.labels, labels != known.labels else { return .updatePrepared(update, known) }
            do {
                return .updatePrepared(update, try await self.recognizer.engine.embeddings(of: labels, reusing: known))
            } catch let error as ModelError {
                return .updateRefused(error)
            } catch {
                return .updateCancelled
            }
        }

        private func commit(
            _ update: RecognizerUpdate, _ embeddings: LabelEmbeddings, _ outcomes: inout [SourceOutcome],
            in group: inout Group
        ) async throws -> UpdateResult {
            guard !self.controller.isStopping else { return .discarded }
            let before = self.controller.activeConfiguration.configuration
            let configuration = update.applied(to: before)
            if configuration.labels != before.labels {
                try await self.sink.write(.run(self.recognizer.runRecord(configuration, run: self.id)))
            }
            self.controller.activate(configuration, embeddings: embeddings)
            for member in update.removed.compactMap(self.controller.remove) { self.stop(member, in: &group) }
            for source in update.added { self.add(source, &outcomes, in: &group) }
            return .applied
        }
    }
}
