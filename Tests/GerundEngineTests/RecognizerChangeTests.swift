import Foundation
import GerundCore
import GerundEngine
import GerundEvents
import GerundStream
import GerundTensor
import GerundTesting
import Synchronization
import Testing

@Suite("A recognizer that is told of changes while it runs", .timeLimit(.minutes(5)))
struct RecognizerChangeTests {
    private let model: RecognitionModel
    private let plan: WindowPlan

    init() throws {
        self.model = try DemoModel.model.get()
        self.plan = try DemoModel.plan()
    }

    private func labels(_ labels: String..., background: [String] = ["standing still"]) throws -> LabelSet {
        try LabelSet(labels: labels, background: background, for: self.model)
    }

    /// With thresholds with which every window is inside an event, whatever it shows.
    private func recognizer(_ labels: LabelSet, model: RecognitionModel? = nil) async throws -> Recognizer {
        try await Recognizer(
            model: model ?? self.model,
            configuration: RecognizerConfiguration(
                labels: labels, plan: self.plan, smoothing: .milliseconds(250), thresholds: Self.eager,
                eventIDs: { .derived(from: $0.id.name) }))
    }

    private static let eager = EventThresholds(enter: -1, exit: -1, minimumDuration: .zero, mergeGap: .seconds(1))

    private func source(_ name: String, frames count: Int = 30, isEndless: Bool = false) -> ScriptedFrameSource {
        let start = ContinuousClock.now
        let frames = (0..<count).map { index in
            let time = Duration.milliseconds(250 * index)
            return ScriptedFrameSource.Step.frame(
                CapturedFrame(time: .zero + time, slot: Int64(index), segment: 0, arrival: start + time),
                .noise(number: index))
        }
        return ScriptedFrameSource(
            id: SourceID(name), picture: self.model.picture,
            steps: [.state(.opened(ScriptedFrameSource.description))] + frames
                + (isEndless ? [.hold] : [.state(.ended)]))
    }

    /// Runs the source `door` for 30 frames; at its label of 4 s the change is made, and it goes on when that is done.
    private func run(
        _ recognizer: Recognizer, beside others: [any FrameSource] = [], changingTo change: RecognizerChange
    ) async throws -> RecordList {
        let (changes, continuation) = AsyncStream.makeStream(of: RecognizerChange.self)
        let gate = Gate()
        let marker = self.source("marker", frames: 0)
        let sink = RecordList { _, record in
            switch record {
            case .label(let label) where label.source.name == "door" && label.t == MediaTime(seconds: 4):
                continuation.yield(change)
                // Changes are made one after the other: when this one is, the other is too.
                continuation.yield(RecognizerChange(added: [marker]))
                await gate.wait()
            case .end(let end) where end.source == marker.id: gate.open()
            default: break
            }
        }
        _ = try await recognizer.run([self.source("door")] + others, changes: changes, into: sink)
        return sink
    }

    private func times(_ sink: RecordList, of source: String = "door") -> [Double] {
        sink.labels.filter { $0.source.name == source }.map(\.t.seconds)
    }

    private static let everyWindow = (7..<30).map { 0.25 * Double($0) }

    // MARK: Labels

    @Test("takes other labels between two windows, after a record of the run, without missing one")
    func newLabels() async throws {
        let wanted = try self.labels("running", "a dog", "clapping", background: ["nobody is here"])
        let sink = try await self.run(
            self.recognizer(self.labels("walking", "running")), changingTo: RecognizerChange(labels: wanted))
        #expect(self.times(sink) == Self.everyWindow)
        for record in sink.labels where record.source.name == "door" {
            let known = record.t <= MediaTime(seconds: 4) ? ["walking", "running"] : wanted.labels
            #expect(Set(record.top.map(\.label)) == Set(known), "\(record.t)")
            #expect(known.contains(record.label))
        }
        let runs = sink.all.compactMap { if case .run(let run) = $0 { run } else { nil } }
        #expect(runs.map(\.labels) == [["walking", "running"], wanted.labels])
        #expect(runs.map(\.background) == [["standing still"], ["nobody is here"]])
        #expect(runs.first?.checksum == runs.last?.checksum && runs.first?.span == runs.last?.span)
        #expect(sink.eventsAreClosed)
    }

    @Test("ends the event of a label that is gone, as interrupted")
    func goneLabel() async throws {
        let sink = try await self.run(
            self.recognizer(self.labels("walking")), changingTo: RecognizerChange(labels: self.labels("running")))
        #expect(sink.eventsAreClosed)
        #expect(sink.events.map(\.label) == ["walking", "walking", "running", "running"])
        let ends = sink.events.compactMap { event -> (MediaTime, Bool)? in
            if case .end(let end, _, let isInterrupted) = event.phase { (end, isInterrupted) } else { nil }
        }
        #expect(ends.map(\.0) == [MediaTime(seconds: 2.875), MediaTime(seconds: 7.25)])
        #expect(ends.map(\.1) == [true, false])
        #expect(sink.events[2].start >= MediaTime(seconds: 2.875))
    }

    @Test("goes on with what is known of a label that stays: its score, and its event")
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
        thresholds.levels = ["a dog": EventLevels(enter: 2, exit: 2)]
        let sink = try await self.run(
            recognizer,
            changingTo: RecognizerChange(labels: self.labels("a dog", "walking"), thresholds: thresholds))
        #expect(sink.events.map(\.id) == before.events.map(\.id))
        #expect(sink.events.count == 2)
        for (changed, kept) in zip(scores(sink), scores(before)) { #expect(abs(changed - kept) < 1e-4) }
        #expect(scores(sink).count == scores(before).count)
    }

    @Test("takes other thresholds without telling the run again")
    func thresholds() async throws {
        let sink = try await self.run(
            self.recognizer(self.labels("walking")),
            changingTo: RecognizerChange(thresholds: EventThresholds(enter: 1, exit: 1), smoothing: .zero))
        #expect(RecordList.kinds(sink.all).filter { $0 == "run" }.count == 1)
        #expect(self.times(sink) == Self.everyWindow)
        let labels = sink.labels.filter { $0.source.name == "door" }
        #expect(labels.prefix { $0.t <= MediaTime(seconds: 4) }.allSatisfy { $0.label == "walking" })
        #expect(labels.drop { $0.t <= MediaTime(seconds: 4) }.allSatisfy { $0.label == "none" })
        #expect(sink.eventsAreClosed)
    }

    @Test("makes one change after the other, also when they come all at once")
    func manyChanges() async throws {
        let (changes, continuation) = AsyncStream.makeStream(of: RecognizerChange.self)
        let sets = try (0..<20).map { try self.labels("action \($0)", "action \($0 % 3)") }
        for set in sets { continuation.yield(RecognizerChange(labels: set)) }
        continuation.yield(RecognizerChange(removed: [SourceID("door")]))
        let sink = RecordList()
        _ = try await self.recognizer(self.labels("walking")).run(
            [self.source("door", isEndless: true)], changes: changes, into: sink)
        let runs = sink.all.compactMap { if case .run(let run) = $0 { run } else { nil } }
        #expect(runs.dropFirst().map(\.labels) == sets.map(\.labels))
        #expect(sink.eventsAreClosed)
    }

    @Test("goes on with its labels, and does the rest of a change, when the model's file is broken meanwhile")
    func unreadableModel() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(at: URL(filePath: String(DemoModel.path)), to: folder)
        let model = try RecognitionModel(path: folder.path)
        let recognizer = try await self.recognizer(self.labels("walking", "running"), model: model)
        // Cut short in its place: a file that is only removed or replaced stays readable for who has it open.
        try FileHandle(forWritingTo: folder.appendingPathComponent("model.safetensors")).truncate(atOffset: 1000)
        let sink = try await self.run(
            recognizer,
            changingTo: RecognizerChange(
                added: [self.source("yard")], labels: self.labels("running", "a dog"),
                thresholds: EventThresholds(enter: 1, exit: 1)))
        #expect(self.times(sink) == Self.everyWindow)
        #expect(self.times(sink, of: "yard") == Self.everyWindow)
        #expect(sink.labels.allSatisfy { Set($0.top.map(\.label)) == ["walking", "running"] })
        #expect(RecordList.kinds(sink.all).filter { $0 == "run" }.count == 1)
        // The levels of the change hold.
        #expect(sink.events.allSatisfy { $0.source.name == "door" })
        #expect(sink.events.count == 2 && sink.eventsAreClosed)
    }

    // MARK: Sources

    @Test("adds a source, removes one and replaces one, and the others get what they get alone")
    func sources() async throws {
        /// What was said of a source, but for scores, and those.
        func said(_ sink: RecordList, _ source: String) -> (words: [String], scores: [Double]) {
            var (words, scores): ([String], [Double]) = ([], [])
            for record in sink.records(of: source) {
                switch record {
                case .label(let label):
                    words.append("\(label.t) \(label.label) \(label.top.map(\.label))")
                    scores += [label.score] + label.top.map(\.score)
                case .event(let event):
                    words.append("\(event.id) \(event.start)")
                    switch event.phase {
                    case .start(let score), .update(let score): scores.append(score)
                    case .end(let end, let peak, let isInterrupted):
                        words.append("\(end) \(isInterrupted)")
                        scores.append(peak)
                    }
                case .end: words.append(record.jsonLine)
                case .run, .source, .dropped, .audit: break
                }
            }
            return (words, scores)
        }
        // To the bit where products are Gerund's own; a library's sums depend a little on how many rows come together.
        let isOwn = NativeEngine(precision: .f32, pool: WorkerPool(threads: 1)) != nil
        let recognizer = try await self.recognizer(self.labels("walking", "running"))
        let sink = try await self.run(
            recognizer,
            beside: [self.source("yard", isEndless: true), self.source("desk", isEndless: true)],
            changingTo: RecognizerChange(
                removed: [SourceID("yard"), SourceID("desk"), SourceID("nobody")],
                added: [self.source("desk"), self.source("hall")]))
        for name in ["door", "hall"] {
            let alone = RecordList()
            _ = try await recognizer.run([self.source(name)], into: alone)
            let (others, own) = (said(sink, name), said(alone, name))
            #expect(others.words == own.words)
            for (one, other) in zip(others.scores, own.scores) { #expect(abs(one - other) <= (isOwn ? 0 : 1e-5)) }
        }
        #expect(sink.eventsAreClosed)
        func kinds(_ name: String) -> [String] {
            RecordList.kinds(sink.records(of: name)).filter { $0 != "label" && $0 != "start" }
        }
        // What was open ends as interrupted; then one of the same name may begin.
        #expect(kinds("yard").last == "end" && kinds("yard").filter { $0 == "end" }.count == 1)
        #expect(kinds("desk").filter { ["open", "end"].contains($0) } == ["open", "end", "open", "end"])
        let lastOfYard = sink.records(of: "yard").compactMap { record -> Bool? in
            guard case .event(let event) = record, case .end(_, _, let isInterrupted) = event.phase else { return nil }
            return isInterrupted
        }.last
        #expect(lastOfYard ?? true)
    }

    @Test("tells how every source came out, in the order in which they began")
    func outcomes() async throws {
        let (changes, continuation) = AsyncStream.makeStream(of: RecognizerChange.self)
        let sink = RecordList { _, record in
            if case .label(let label) = record, label.source.name == "door", label.t == MediaTime(seconds: 4) {
                continuation.yield(
                    RecognizerChange(removed: [SourceID("door")], added: [self.source("yard", frames: 9)]))
            }
        }
        let outcomes = try await self.recognizer(self.labels("walking")).run(
            [self.source("door", isEndless: true)], changes: changes, into: sink)
        #expect(outcomes.map(\.wasOpened) == [true, true])
        #expect(outcomes.last?.frames == 9)
        #expect(try #require(outcomes.first).windows > 9)
    }

    // MARK: Ends

    @Test("ends all and closes every event at whatever moment it is cancelled while changes are made")
    func cancellation() async throws {
        var random = GerundTesting.SplitMix64(seed: 2)
        let recognizer = try await self.recognizer(self.labels("walking"))
        for round in 0..<100 {
            let moment = Int.random(in: 1..<40, using: &random)
            let asked = Int.random(in: 1..<30, using: &random)
            let task = Mutex<Task<[SourceOutcome], any Error>?>(nil)
            let (changes, continuation) = AsyncStream.makeStream(of: RecognizerChange.self)
            let change = RecognizerChange(
                removed: [SourceID("desk")], added: [self.source("desk", isEndless: true), self.source("hall")],
                labels: try self.labels("walking", "action number \(round)"))
            let sink = RecordList { number, _ in
                if number == asked { continuation.yield(change) }
                if number == moment { task.withLock { $0?.cancel() } }
            }
            let sources = [self.source("door", frames: 2000), self.source("desk", isEndless: true)]
            task.withLock { $0 = Task { try await recognizer.run(sources, changes: changes, into: sink) } }
            _ = try await task.withLock { $0 }?.value
            #expect(sink.eventsAreClosed, "seed 2, round \(round), record \(moment)")
            for name in ["door", "desk", "hall"] {
                let kinds = RecordList.kinds(sink.records(of: name))
                #expect(kinds.isEmpty || kinds.last == "end", "seed 2, round \(round), record \(moment)")
            }
        }
    }

    @Test("stops all sources when the sink throws while a change is made")
    func failingSink() async throws {
        let recognizer = try await self.recognizer(self.labels("walking"))
        for moment in 4..<20 {
            let (changes, continuation) = AsyncStream.makeStream(of: RecognizerChange.self)
            let change = RecognizerChange(added: [self.source("hall")], labels: try self.labels("running"))
            let sink = RecordList { number, _ in
                if number == 3 { continuation.yield(change) }
                if number >= moment { throw RecordList.Full() }
            }
            await #expect(throws: RecordList.Full.self) {
                _ = try await recognizer.run([self.source("door", frames: 200)], changes: changes, into: sink)
            }
            #expect(sink.eventsAreClosed, "record \(moment)")
        }
    }
}
