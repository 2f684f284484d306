import FoundationEssentials
import GerundCore
import GerundEvents
public import GerundStream
import GerundTensor
import Logging

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
        self.engine = try await InferenceEngine(
            model: model, labels: configuration.labels, mode: configuration.mode)
    }

    /// Recognizes until all sources have ended or been given up, or the task is cancelled.
    ///
    /// The first record is that of the run. Records of one source come in order.
    ///
    /// - Returns: How each source came out, in the sources' order.
    /// - Throws: What the sink throws; all sources are stopped before.
    public func run(_ sources: [any FrameSource], into sink: any RecordSink) async throws -> [SourceOutcome] {
        try await self.run(sources, changes: AsyncStream { $0.finish() }, into: sink)
    }

    /// Recognizes as ``run(_:into:)`` does, and does what changes ask for meanwhile, one after the other.
    ///
    /// New texts are encoded between the windows of the sources that run; then a record of the run tells the new labels,
    /// and each source takes them with its next window.
    ///
    /// - Parameter changes: Read by this run alone. Its end means nothing.
    /// - Returns: How each source came out, in the order in which they began.
    /// - Throws: What the sink throws; all sources are stopped before.
    public func run(
        _ sources: [any FrameSource], changes: AsyncStream<RecognizerChange>, into sink: any RecordSink
    ) async throws -> [SourceOutcome] {
        try await sink.take(.run(self.runRecord(self.configuration)))
        let run = Run(recognizer: self, sink: sink, changes: changes)
        return try await withThrowingTaskGroup(of: Run.Step.self) { group in
            try await run.run(sources, in: &group)
        }
    }

    private func runRecord(_ configuration: RecognizerConfiguration) -> RunRecord {
        let plan = configuration.plan
        return RunRecord(
            version: Self.version, model: self.model.name, checksum: self.model.checksum,
            labels: configuration.labels.labels, background: configuration.labels.background,
            span: plan.span / .seconds(1), rate: plan.rate, frames: plan.frameCount,
            mode: configuration.mode.rawValue, precision: self.model.precision.rawValue, time: .now)
    }
}

extension Recognizer {
    /// One run: sources that come and go, and what they look for.
    private struct Run: Sendable {
        /// What a task of the run has come to.
        enum Step: Sendable {
            case ended(SourceID, number: Int, SourceOutcome)
            /// - Parameter change: `nil` when no more come.
            case asked(RecognizerChange?)
            /// The texts of a change are encoded; `nil` when the run was cancelled before.
            case prepared(RecognizerChange, Vocabulary?)
            case stopped
        }

        private struct Member: Sendable {
            let source: any FrameSource
            let removal = SourceRemoval()
        }

        private typealias Group = ThrowingTaskGroup<Step, any Error>

        private let recognizer: Recognizer
        private let sink: any RecordSink
        private let changes: AsyncStream<RecognizerChange>
        private let target: SharedTarget

        init(recognizer: Recognizer, sink: any RecordSink, changes: AsyncStream<RecognizerChange>) {
            self.recognizer = recognizer
            self.sink = sink
            self.changes = changes
            self.target = SharedTarget(
                RecognitionTarget(
                    configuration: recognizer.configuration, vocabulary: recognizer.engine.vocabulary))
        }

        func run(
            _ sources: [any FrameSource], in group: inout ThrowingTaskGroup<Step, any Error>
        ) async throws -> [SourceOutcome] {
            var lineup = SourceLineup<Member>()
            var outcomes: [SourceOutcome] = []
            for source in sources { self.add(source, to: &lineup, &outcomes, in: &group) }
            self.listen(in: &group)
            while !lineup.isEmpty, let step = try await group.next() {
                switch step {
                case .ended(let id, let number, let outcome):
                    outcomes[number] = outcome
                    if let next = lineup.ended(id) { self.start(next, &outcomes, in: &group) }
                case .asked(let change?):
                    group.addTask { await self.prepare(change) }
                case .prepared(let change, let vocabulary?):
                    try await self.adopt(change, vocabulary)
                    for id in change.removed {
                        if let member = lineup.remove(id) { self.stop(member, in: &group) }
                    }
                    for source in change.added { self.add(source, to: &lineup, &outcomes, in: &group) }
                    self.listen(in: &group)
                case .asked(nil), .prepared(_, nil), .stopped:
                    break
                }
            }
            group.cancelAll()
            return outcomes
        }

        private func add(
            _ source: any FrameSource, to lineup: inout SourceLineup<Member>, _ outcomes: inout [SourceOutcome],
            in group: inout Group
        ) {
            let member = Member(source: source)
            if lineup.add(member, as: source.id) { self.start(member, &outcomes, in: &group) }
        }

        private func start(_ member: Member, _ outcomes: inout [SourceOutcome], in group: inout Group) {
            let number = outcomes.count
            outcomes.append(SourceOutcome())
            var session = SourceSession(
                source: member.source, engine: self.recognizer.engine, target: self.target, removal: member.removal,
                sink: self.sink)
            group.addTask { .ended(member.source.id, number: number, try await session.run()) }
        }

        private func stop(_ member: Member, in group: inout Group) {
            member.removal.request()
            // Beside the others: it takes as long as the source's thread.
            group.addTask {
                await member.source.stop()
                return .stopped
            }
        }

        /// Waits for the next change; only when the one before is done.
        private func listen(in group: inout Group) {
            group.addTask { [changes] in
                var iterator = changes.makeAsyncIterator()
                return .asked(await iterator.next())
            }
        }

        private func prepare(_ change: RecognizerChange) async -> Step {
            let known = self.target.current.vocabulary
            guard let labels = change.labels, labels != known.labels else { return .prepared(change, known) }
            do {
                return .prepared(change, try await self.recognizer.engine.vocabulary(of: labels, knowing: known))
            } catch let error as ModelError {
                // The model's file may be gone or another one by now; whatever else has changed still holds.
                Logger(label: "gerund").error("the labels stay as they are: \(error)")
                var rest = change
                rest.labels = nil
                return .prepared(rest, known)
            } catch {
                return .prepared(change, nil)
            }
        }

        private func adopt(_ change: RecognizerChange, _ vocabulary: Vocabulary) async throws {
            let before = self.target.current
            let configuration = change.applied(to: before.configuration)
            if configuration.labels != before.configuration.labels {
                try await self.sink.take(.run(self.recognizer.runRecord(configuration)))
            }
            self.target.change(to: configuration, vocabulary)
        }
    }
}
