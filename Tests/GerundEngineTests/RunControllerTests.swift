import Foundation
import GerundCore
import GerundEngine
import GerundEvents
import GerundRecords
import GerundStream
import GerundTensor
import GerundTesting
import Synchronization
import Testing

@Suite("RunController", .timeLimit(.minutes(10)))
struct RunControllerTests {
    private let model: RecognitionModel
    private let plan: SamplingPlan

    init() throws {
        self.model = try DemoModel.model.get()
        self.plan = try DemoModel.plan()
    }

    private func labels(_ labels: String..., background: [String] = ["standing still"]) throws -> LabelSet {
        try LabelSet(labels: labels, background: background, for: self.model)
    }

    /// A recognizer whose thresholds put every window inside an event.
    private func recognizer(_ labels: LabelSet, model: RecognitionModel? = nil) async throws -> Recognizer {
        try await Recognizer(
            model: model ?? self.model,
            configuration: RecognizerConfiguration(
                labels: labels, plan: self.plan, smoothing: .milliseconds(250), thresholds: Self.eager,
                eventIDs: { .deterministic(seed: $0.id.name) }))
    }

    private static let eager = EventThresholds.eager()

    private func source(_ name: String, frames count: Int = 30, isEndless: Bool = false) -> ScriptedFrameSource {
        let start = ContinuousClock.now
        let frames = (0..<count).map { index in
            let time = Duration.milliseconds(250 * index)
            return ScriptedFrameSource.Step.frame(
                CapturedFrame(time: .zero + time, tick: Int64(index), segment: 0, arrival: start + time),
                .noise(number: index))
        }
        return ScriptedFrameSource(
            id: SourceID(name), frameFormat: self.model.inputFormat,
            steps: [.state(.connected(ScriptedFrameSource.description))] + frames
                + (isEndless ? [.stall] : [.state(.ended)]))
    }

    /// Runs the source `door` for 30 frames, and applies an update at its label of 4 s.
    private func run(
        _ recognizer: Recognizer, beside others: [any FrameSource] = [], applying update: RecognizerUpdate
    ) async throws -> RecordList {
        try await self.run(recognizer, beside: others) { controller in
            let result = try await controller.apply(update)
            #expect(result == .applied)
        }
    }

    /// Runs the source `door` for 30 frames, and calls `body` at its label of 4 s, before the source continues.
    private func run(
        _ recognizer: Recognizer, beside others: [any FrameSource] = [],
        during body: @escaping @Sendable (RunController) async throws -> Void
    ) async throws -> RecordList {
        let controller = RunController()
        let sink = RecordList { _, record in
            guard case .label(let label) = record, label.source.name == "door", label.mediaTime == MediaTime(seconds: 4)
            else { return }
            try await body(controller)
        }
        _ = try await recognizer.run([self.source("door")] + others, controller: controller, into: sink)
        return sink
    }

    private func times(_ sink: RecordList, of source: String = "door") -> [Double] {
        sink.labels.filter { $0.source.name == source }.map(\.mediaTime.seconds)
    }

    private static let everyWindow = (7..<30).map { 0.25 * Double($0) }

    // MARK: Labels

    @Test("Uses new labels from the next window on, after a run record, without missing a window")
    func newLabels() async throws {
        let wanted = try self.labels("running", "a dog", "clapping", background: ["nobody is here"])
        let sink = try await self.run(
            self.recognizer(self.labels("walking", "running")), applying: RecognizerUpdate(labels: wanted))
        #expect(self.times(sink) == Self.everyWindow)
        for record in sink.labels where record.source.name == "door" {
            let known = record.mediaTime <= MediaTime(seconds: 4) ? ["walking", "running"] : wanted.labels
            #expect(Set(record.top.map(\.label)) == Set(known), "\(record.mediaTime)")
            #expect(known.contains(record.label ?? ""))
        }
        let runs = sink.runs
        #expect(runs.map(\.labels) == [["walking", "running"], wanted.labels])
        #expect(runs.first?.run == runs.last?.run, "one run, one id")
        #expect(runs.map(\.background) == [["standing still"], ["nobody is here"]])
        #expect(runs.first?.modelSHA256 == runs.last?.modelSHA256 && runs.first?.window == runs.last?.window)
        #expect(sink.closedEventCount() > 0)
    }

    @Test("Ends the event of a removed label as interrupted")
    func goneLabel() async throws {
        let sink = try await self.run(
            self.recognizer(self.labels("walking")), applying: RecognizerUpdate(labels: self.labels("running")))
        #expect(sink.closedEventCount() > 0)
        #expect(sink.events.map(\.label) == ["walking", "walking", "running", "running"])
        #expect(sink.ends.map(\.time) == [MediaTime(seconds: 2.875), MediaTime(seconds: 7.25)])
        #expect(sink.ends.map(\.isInterrupted) == [true, false])
        #expect(sink.events[2].start >= MediaTime(seconds: 2.875))
    }

    @Test("Continues the score and the event of a label that remains")
    func keptLabel() async throws {
        func scores(_ sink: RecordList) -> [Double] {
            sink.labels.filter { $0.source.name == "door" }
                .map { record in record.top.first { $0.label == "walking" }?.score ?? .nan }
        }
        let recognizer = try await self.recognizer(self.labels("walking"))
        let before = RecordList()
        _ = try await recognizer.run([self.source("door")], into: before)
        // A label that never leads, before the other, so that every index is another.
        var thresholds = Self.eager
        thresholds.labelThresholds = ["a dog": HysteresisThresholds(start: 2, end: 2)]
        let sink = try await self.run(
            recognizer,
            applying: RecognizerUpdate(labels: self.labels("a dog", "walking"), thresholds: thresholds))
        #expect(sink.events.map(\.id) == before.events.map(\.id))
        #expect(sink.events.count == 2)
        for (changed, kept) in zip(scores(sink), scores(before)) { #expect(abs(changed - kept) < 1e-4) }
        #expect(scores(sink).count == scores(before).count)
    }

    @Test("Applies thresholds without another run record")
    func thresholds() async throws {
        let sink = try await self.run(
            self.recognizer(self.labels("walking")),
            applying: RecognizerUpdate(
                thresholds: EventThresholds(startThreshold: 1, endThreshold: 1), smoothing: .zero))
        #expect(RecordList.kinds(sink.all).filter { $0 == "run" }.count == 1)
        #expect(self.times(sink) == Self.everyWindow)
        let labels = sink.labels.filter { $0.source.name == "door" }
        #expect(labels.prefix { $0.mediaTime <= MediaTime(seconds: 4) }.allSatisfy { $0.label == "walking" })
        #expect(labels.drop { $0.mediaTime <= MediaTime(seconds: 4) }.allSatisfy { $0.label == nil })
        #expect(sink.closedEventCount() > 0)
    }

    @Test("Keeps to the run's way of detecting events, also for sources that are added later")
    func overlap() async throws {
        var overlapping = Self.eager
        overlapping.allowsOverlap = true
        let update = RecognizerUpdate(added: [self.source("yard")], thresholds: overlapping)
        let sink = try await self.run(self.recognizer(self.labels("walking", "running"))) { controller in
            let result = try await controller.apply(update)
            #expect(result == .applied)
            #expect(controller.configuration?.thresholds == Self.eager)
        }
        // Counts an event that starts during another one of its source as an issue.
        #expect(sink.closedEventCount() > 0)
        #expect(sink.ends.contains { $0.source == "yard" })
    }

    @Test("Applies updates one after the other, in the order of the calls")
    func manyUpdates() async throws {
        let controller = RunController()
        let sets = try (0..<8).map { try self.labels("action \($0)", "action \($0 % 3)") }
        // Applied before the run starts, they wait for it.
        let updates = Task {
            for set in sets { #expect(try await controller.apply(RecognizerUpdate(labels: set)) == .applied) }
            try await controller.apply(RecognizerUpdate(removed: [SourceID("door")]))
        }
        let sink = RecordList()
        _ = try await self.recognizer(self.labels("walking")).run(
            [self.source("door", isEndless: true)], controller: controller, into: sink)
        try await updates.value
        #expect(sink.runs.dropFirst().map(\.labels) == sets.map(\.labels))
        #expect(sink.closedEventCount() > 0)
    }

    @Test("Applies both of two concurrent updates")
    func concurrentUpdates() async throws {
        let (first, second) = (try self.labels("running"), try self.labels("a dog"))
        let thresholds = EventThresholds(startThreshold: 2, endThreshold: 2)
        let sink = try await self.run(self.recognizer(self.labels("walking"))) { controller in
            async let one = controller.apply(RecognizerUpdate(labels: first))
            async let two = controller.apply(RecognizerUpdate(labels: second))
            async let three = controller.apply(RecognizerUpdate(thresholds: thresholds))
            #expect(try await [one, two, three] == [.applied, .applied, .applied])
            let configuration = try #require(controller.configuration)
            #expect([first, second].contains(configuration.labels))
            #expect(configuration.thresholds == thresholds)
        }
        #expect(Set(sink.runs.dropFirst().map(\.labels)) == [["running"], ["a dog"]])
    }

    @Test("Applies an update only once the run has started and its first labels are encoded")
    func earlyUpdate() async throws {
        let controller = RunController()
        let update = RecognizerUpdate(labels: try self.labels("running"))
        let early = Task { try await controller.apply(update) }
        #expect(controller.configuration == nil && controller.sources.isEmpty)
        let recognizer = try await self.recognizer(self.labels("walking"))
        let sink = RecordList()
        let source = self.source("door", isEndless: true)
        let run = Task { try await recognizer.run([source], controller: controller, into: sink) }
        #expect(try await early.value == .applied)
        #expect(controller.configuration?.labels == update.labels)
        #expect(controller.sources == [SourceID("door")])
        await controller.stopSources()
        _ = try await run.value
        #expect(sink.runs.map(\.labels) == [["walking"], ["running"]])
    }

    /// Copies the demo model, calls `body` with it, and cuts the weights off when asked to.
    private func withCopiedModel(
        _ body: (RecognitionModel, _ damage: @escaping @Sendable () throws -> Void) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let path = directory.path("model")
        try FileManager.default.copyItem(atPath: String(DemoModel.path), toPath: path)
        try await body(RecognitionModel(path: path)) {
            // Truncated in place: a file that is removed or replaced stays readable for a process that has it open.
            try FileHandle(forWritingTo: URL(filePath: "\(path)/model.safetensors")).truncate(atOffset: 1000)
        }
    }

    @Test("Refuses a whole update whose labels can't be encoded, and leaves everything as it was")
    func refusedLabels() async throws {
        try await self.withCopiedModel { model, damage in
            let old = try self.labels("walking", "running")
            let recognizer = try await self.recognizer(old, model: model)
            try damage()
            let refused = RecognizerUpdate(
                removed: [SourceID("door")], added: [self.source("yard")], labels: try self.labels("running", "a dog"),
                thresholds: EventThresholds(startThreshold: 1, endThreshold: 1), smoothing: .zero)
            let sink = try await self.run(recognizer) { controller in
                let error = await #expect(throws: ModelError.self) { try await controller.apply(refused) }
                #expect(error?.code == .weights)
                #expect(controller.sources == [SourceID("door")])
                let configuration = try #require(controller.configuration)
                #expect(configuration.labels == old)
                #expect(configuration.thresholds == Self.eager && configuration.smoothing == .milliseconds(250))
                // The file is reverted: the run and its caller agree, and the next update is not held up.
                let reverted = RecognizerUpdate(labels: old, thresholds: Self.eager, smoothing: .milliseconds(250))
                #expect(try await controller.apply(reverted) == .applied)
                #expect(controller.configuration?.labels == old)
            }
            #expect(self.times(sink) == Self.everyWindow)
            #expect(sink.records(of: "yard").isEmpty)
            #expect(sink.labels.allSatisfy { Set($0.top.map(\.label)) == ["walking", "running"] })
            #expect(sink.runs.count == 1)
            // The thresholds stayed: events continue to the end.
            #expect(sink.closedEventCount() > 0)
            #expect(self.lastEnd(of: "door", sink)?.time == MediaTime(seconds: 7.25))
        }
    }

    /// The end of a source's last event.
    private func lastEnd(of source: String, _ sink: RecordList) -> (time: MediaTime, isInterrupted: Bool)? {
        sink.ends.last { $0.source == source }.map { ($0.time, $0.isInterrupted) }
    }

    // MARK: Sources

    @Test("Adds, removes and replaces sources without disturbing the others")
    func sources() async throws {
        /// The records of a source as texts without scores, and the scores.
        func summary(_ sink: RecordList, _ source: String) -> (words: [String], scores: [Double]) {
            var (words, scores): ([String], [Double]) = ([], [])
            for record in sink.records(of: source) {
                switch record {
                case .label(let label):
                    words.append("\(label.mediaTime) \(label.label ?? "none") \(label.top.map(\.label))")
                    scores += [label.score] + label.top.map(\.score)
                case .event(let event):
                    words.append("\(event.id) \(event.start)")
                    switch event.phase {
                    case .started(let score), .updated(let score): scores.append(score)
                    case .ended(let end, _, let peak, let isInterrupted):
                        words.append("\(end) \(isInterrupted)")
                        scores.append(peak)
                    }
                case .summary(let summary): words.append("\(summary.framesRead) \(summary.windows)")
                case .run, .source, .framesDropped, .audit: break
                }
            }
            return (words, scores)
        }
        // Bit for bit with the native kernels; the sums of a library depend slightly on the number of rows.
        let isOwn = NativeMatmul(precision: .f32, pool: ThreadPool(threads: 1)) != nil
        let recognizer = try await self.recognizer(self.labels("walking", "running"))
        let sink = try await self.run(
            recognizer,
            beside: [self.source("yard", isEndless: true), self.source("desk", isEndless: true)],
            applying: RecognizerUpdate(
                removed: [SourceID("yard"), SourceID("desk"), SourceID("unknown")],
                added: [self.source("desk"), self.source("hall")]))
        for name in ["door", "hall"] {
            let alone = RecordList()
            _ = try await recognizer.run([self.source(name)], into: alone)
            let (others, own) = (summary(sink, name), summary(alone, name))
            #expect(others.words == own.words)
            for (one, other) in zip(others.scores, own.scores) { #expect(abs(one - other) <= (isOwn ? 0 : 1e-5)) }
        }
        #expect(sink.closedEventCount() > 0)
        func kinds(_ name: String) -> [String] {
            RecordList.kinds(sink.records(of: name)).filter { $0 != "label" && $0 != "start" }
        }
        // Open events end as interrupted; then a source of the same name starts.
        #expect(kinds("yard").last == "summary" && kinds("yard").filter { $0 == "summary" }.count == 1)
        #expect(
            kinds("desk").filter { ["connected", "summary"].contains($0) } == [
                "connected", "summary", "connected", "summary",
            ])
        #expect(try #require(self.lastEnd(of: "yard", sink)).isInterrupted)
    }

    @Test("Returns the outcome of every source in the order in which they started")
    func outcomes() async throws {
        let controller = RunController()
        let sink = RecordList { _, record in
            guard case .label(let label) = record, label.source.name == "door", label.mediaTime == MediaTime(seconds: 4)
            else { return }
            try await controller.apply(
                RecognizerUpdate(removed: [SourceID("door")], added: [self.source("yard", frames: 9)]))
        }
        let outcomes = try await self.recognizer(self.labels("walking")).run(
            [self.source("door", isEndless: true)], controller: controller, into: sink)
        #expect(outcomes.map(\.wasOpened) == [true, true])
        #expect(outcomes.last?.frames == 9)
        #expect(try #require(outcomes.first).windows > 9)
        #expect(controller.sources.isEmpty, "sources that have ended are removed")
    }

    @Test("Removes a source when it ends, while others run")
    func endedSource() async throws {
        let controller = RunController()
        let (ended, yardEnded) = AsyncStream.makeStream(of: Void.self)
        let sink = RecordList { _, record in
            if case .summary(let summary) = record, summary.source.name == "yard" { yardEnded.yield() }
        }
        let recognizer = try await self.recognizer(self.labels("walking"))
        let sources = [self.source("door", isEndless: true), self.source("yard", frames: 9)]
        let run = Task { try await recognizer.run(sources, controller: controller, into: sink) }
        _ = await ended.first { _ in true }
        // The run handles the end of a source before later updates.
        while controller.sources.contains(SourceID("yard")) { try await controller.apply(RecognizerUpdate()) }
        #expect(controller.sources == [SourceID("door")])
        await controller.stopSources()
        _ = try await run.value
    }

    // MARK: Stopping

    /// A source whose stop returns only when all sources of a group have been asked to stop.
    private final class GroupedSource: FrameSource {
        private let source: ScriptedFrameSource
        private let group: StopGroup
        private let hasStopped = Atomic(false)

        init(_ source: ScriptedFrameSource, in group: StopGroup) {
            self.source = source
            self.group = group
        }

        var id: SourceID { self.source.id }
        func start() -> FrameFeed { self.source.start() }
        func stop() async {
            if !self.hasStopped.exchange(true, ordering: .acquiringAndReleasing) { await self.group.arrive() }
            await self.source.stop()
        }
    }

    /// Suspends callers until a number of them have arrived.
    private final class StopGroup: Sendable {
        private let missing: Mutex<Int>
        private let gate = Gate()

        init(count: Int) { self.missing = Mutex(count) }

        func arrive() async {
            let isLast = self.missing.withLock { missing in
                missing -= 1
                return missing == 0
            }
            if isLast { self.gate.open() }
            await self.gate.wait()
        }
    }

    @Test("Stops all sources at the same time, and ends events as at a natural end")
    func stopsTogether() async throws {
        let controller = RunController()
        let group = StopGroup(count: 3)
        let sources = ["desk", "door", "yard"].map {
            GroupedSource(self.source($0, frames: 9, isEndless: true), in: group)
        }
        let (labels, continuation) = AsyncStream.makeStream(of: LabelRecord.self)
        let sink = RecordList { _, record in
            if case .label(let label) = record { continuation.yield(label) }
        }
        let recognizer = try await self.recognizer(self.labels("walking"))
        let run = Task { try await recognizer.run(sources, controller: controller, into: sink) }
        var missing = Set(["desk", "door", "yard"])
        for await label in labels where label.mediaTime == MediaTime(seconds: 2) {
            missing.remove(label.source.name)
            if missing.isEmpty { break }
        }
        // One after the other, the first stop would never return.
        await controller.stopSources()
        let outcomes = try await run.value
        #expect(outcomes.map(\.frames) == [9, 9, 9])
        #expect(sink.closedEventCount() == 3)
        #expect(sink.ends.allSatisfy { !$0.isInterrupted && $0.time == MediaTime(seconds: 2) })
        #expect(controller.sources.isEmpty)
    }

    @Test("Starts no source and discards every update after the sources were stopped")
    func updateAfterStop() async throws {
        let update = RecognizerUpdate(
            added: [self.source("yard")], thresholds: EventThresholds(startThreshold: 1, endThreshold: 1))
        let sink = try await self.run(self.recognizer(self.labels("walking"))) { controller in
            await controller.stopSources()
            let result = try await controller.apply(update)
            #expect(result == .discarded)
            #expect(controller.configuration?.thresholds == Self.eager)
        }
        #expect(sink.records(of: "yard").isEmpty)
        #expect(RecordList.kinds(sink.all).last == "summary")
    }

    @Test("Ends a run at once whose sources were stopped before it started")
    func stopBeforeStart() async throws {
        let controller = RunController()
        await controller.stopSources()
        let sink = RecordList()
        let outcomes = try await self.recognizer(self.labels("walking")).run(
            [self.source("door", isEndless: true)], controller: controller, into: sink)
        #expect(outcomes.map(\.wasOpened) == [false] && outcomes.map(\.frames) == [0])
        #expect(RecordList.kinds(sink.all) == ["run", "summary"])
    }

    @Test("Discards an update when the run has ended")
    func updateAfterEnd() async throws {
        let controller = RunController()
        _ = try await self.recognizer(self.labels("walking")).run(
            [self.source("door", frames: 9)], controller: controller, into: RecordList())
        let labels = try self.labels("running")
        #expect(try await controller.apply(RecognizerUpdate(labels: labels)) == .discarded)
        #expect(controller.configuration?.labels.labels == ["walking"])
    }

    @Test("Discards a waiting update when its task is cancelled")
    func cancelledUpdate() async throws {
        let controller = RunController()
        let labels = try self.labels("running")
        let update = Task { try await controller.apply(RecognizerUpdate(labels: labels)) }
        update.cancel()
        #expect(try await update.value == .discarded)
        let sink = RecordList()
        _ = try await self.recognizer(self.labels("walking")).run(
            [self.source("door")], controller: controller, into: sink)
        #expect(sink.runs.map(\.labels) == [["walking"]])
    }

    // MARK: Ends

    @Test("Closes every event whenever the run is cancelled during an update")
    func cancellation() async throws {
        var random = SplitMix64(seed: 2)
        let recognizer = try await self.recognizer(self.labels("walking"))
        var events = 0
        for round in 0..<15 {
            let moment = Int.random(in: 1..<40, using: &random)
            let requested = Int.random(in: 1..<30, using: &random)
            let task = Mutex<Task<[SourceOutcome], any Error>?>(nil)
            let controller = RunController()
            let update = RecognizerUpdate(
                removed: [SourceID("desk")], added: [self.source("desk", isEndless: true), self.source("hall")],
                labels: try self.labels("walking", "action number \(round)"))
            let sink = RecordList { number, _ in
                if number == moment { task.withLock { $0?.cancel() } }
                if number == requested { try await controller.apply(update) }
            }
            let sources = [self.source("door", frames: 2000), self.source("desk", isEndless: true)]
            task.withLock { $0 = Task { try await recognizer.run(sources, controller: controller, into: sink) } }
            _ = try await task.withLock { $0 }?.value
            events += sink.closedEventCount("seed 2, round \(round), record \(moment)")
            for name in ["door", "desk", "hall"] {
                let kinds = RecordList.kinds(sink.records(of: name))
                #expect(kinds.isEmpty || kinds.last == "summary", "seed 2, round \(round), record \(moment)")
            }
        }
        #expect(events > 0)
    }

    @Test("Stops all sources when the sink throws during an update")
    func failingSink() async throws {
        let recognizer = try await self.recognizer(self.labels("walking"))
        var events = 0
        for moment in stride(from: 4, to: 20, by: 3) {
            let controller = RunController()
            let update = RecognizerUpdate(added: [self.source("hall")], labels: try self.labels("running"))
            let sink = RecordList { number, _ in
                if number >= moment { throw RecordList.Full() }
                if number == 3 { try await controller.apply(update) }
            }
            await #expect(throws: RecordList.Full.self) {
                _ = try await recognizer.run(
                    [self.source("door", frames: 200)], controller: controller, into: sink)
            }
            #expect(controller.sources.isEmpty)
            events += sink.closedEventCount("record \(moment)")
        }
        #expect(events > 0)
    }
}
