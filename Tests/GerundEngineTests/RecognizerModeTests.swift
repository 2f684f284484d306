import GerundCore
import GerundEngine
import GerundEvents
import GerundStream
import GerundTesting
import Synchronization
import Testing

@Suite("A recognizer's modes", .timeLimit(.minutes(5)))
struct RecognizerModeTests {
    private let model: RecognitionModel
    private let plan: WindowPlan
    private let labels: LabelSet

    init() throws {
        self.model = try DemoModel.model.get()
        self.plan = try DemoModel.plan()
        self.labels = try LabelSet(labels: ["walking", "running"], background: ["standing still"], for: self.model)
    }

    private func source(_ name: String, policy: FeedPolicy = .wait) -> ScriptedFrameSource {
        ScriptedFrameSource(
            id: SourceID(name), picture: self.model.picture, capacity: 40, policy: policy,
            steps: [
                .state(.opened(ScriptedFrameSource.description)),
                .frames(count: 24, from: .zero, period: self.plan.period), .state(.ended),
            ])
    }

    /// Without events unless they are asked for: in fast mode some of their windows are exact.
    private func records(
        _ mode: RecognitionMode, refresh: Int = 1, audit: Double = 0.01, enter: Double = 1,
        sources: [ScriptedFrameSource]
    ) async throws -> RecordList {
        let sink = RecordList()
        let recognizer = try await Recognizer(
            model: self.model,
            configuration: RecognizerConfiguration(
                labels: self.labels, plan: self.plan, smoothing: .zero,
                thresholds: EventThresholds(
                    enter: enter, exit: min(enter, 0.4), minimumDuration: .zero, mergeGap: .zero),
                mode: mode, refresh: refresh, audit: audit, eventIDs: { .derived(from: $0.id.name) }))
        _ = try await recognizer.run(sources, into: sink)
        return sink
    }

    private func labels(
        _ mode: RecognitionMode, refresh: Int = 1, sources: [ScriptedFrameSource]
    ) async throws -> [LabelRecord] {
        try await self.records(mode, refresh: refresh, sources: sources).labels
    }

    private func scores(_ records: [LabelRecord]) -> [[Double]] {
        records.map { $0.top.sorted { $0.label < $1.label }.map(\.score) }
    }

    @Test("fast windows say so, and with all rows refreshed are the exact ones")
    func allRows() async throws {
        let exact = try await self.labels(.exact, sources: [self.source("door")])
        let all = try await self.labels(.fast, refresh: .max, sources: [self.source("door")])
        #expect(exact.count == 17 && exact.allSatisfy { $0.mode == "exact" })
        #expect(all.count == 17 && all.allSatisfy { $0.mode == "fast" })
        for (one, other) in zip(self.scores(exact), self.scores(all)) {
            #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-4 })
        }
    }

    @Test("fast windows differ from exact ones after the first, and not by much")
    func classToken() async throws {
        let exact = self.scores(try await self.labels(.exact, sources: [self.source("door")]))
        let fast = self.scores(try await self.labels(.fast, sources: [self.source("door")]))
        #expect(zip(exact[0], fast[0]).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(exact.dropFirst() != fast.dropFirst())
    }

    @Test("two runs give the same scores", arguments: [RecognitionMode.exact, .fast])
    func deterministic(mode: RecognitionMode) async throws {
        let first = self.scores(try await self.labels(mode, sources: [self.source("door")]))
        let second = self.scores(try await self.labels(mode, sources: [self.source("door")]))
        #expect(first == second)
    }

    @Test("a source's scores don't depend on who shares the engine", arguments: [RecognitionMode.exact, .fast])
    func batches(mode: RecognitionMode) async throws {
        let alone = self.scores(try await self.labels(mode, sources: [self.source("door")]))
        let names = (0..<6).map { "camera \($0)" }
        let together = try await self.labels(mode, sources: names.map { self.source($0) })
        for name in names {
            let own = self.scores(together.filter { $0.source.name == name })
            #expect(own.count == alone.count)
            for (one, other) in zip(own, alone) {
                #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-4 }, "\(name)")
            }
        }
    }

    // MARK: Audit

    private func long(_ name: String) -> ScriptedFrameSource {
        ScriptedFrameSource(
            id: SourceID(name), picture: self.model.picture, capacity: 40,
            steps: [
                .state(.opened(ScriptedFrameSource.description)),
                .frames(count: 72, from: .zero, period: self.plan.period), .state(.ended),
            ])
    }

    @Test("an audit of all windows measures how far they are from those of exact mode, and changes none")
    func audit() async throws {
        let exact = self.scores(try await self.records(.exact, audit: 1, sources: [self.long("door")]).labels)
        let audited = try await self.records(.fast, audit: 1, sources: [self.long("door")])
        let unaudited = try await self.records(.fast, audit: 0, sources: [self.long("door")])
        #expect(self.scores(audited.labels) == self.scores(unaudited.labels))
        #expect(unaudited.audits.isEmpty)

        #expect(audited.audits.map(\.windows) == [20, 40, 60, 65])
        let last = try #require(audited.audits.last)
        let changes = zip(exact, self.scores(audited.labels)).map { zip($0, $1).map { abs($0 - $1) }.max() ?? 0 }
        #expect(changes.count == 65)
        #expect(abs(last.largestChange - (changes.max() ?? 0)) < 1e-4)
        // Rank 63 of 65: ceil(66 * 0.95).
        #expect(abs(last.bound - changes.sorted()[62]) < 1e-4)
        #expect((last.sample, last.coverage) == (65, 0.95))
        #expect(RecordList.kinds(audited.all).suffix(3) == ["ended", "audit", "end"])
    }

    @Test("an audit draws the same windows of the same file in two runs, beside other sources too")
    func auditTwice() async throws {
        func said(_ list: RecordList) -> [[Double]] {
            list.audits.filter { $0.source.name == "door" }.map {
                [$0.t.seconds, Double($0.windows), Double($0.flips)]
            }
        }
        let first = try await self.records(.fast, audit: 0.3, sources: [self.long("door")])
        let second = try await self.records(.fast, audit: 0.3, sources: [self.long("door"), self.long("yard")])
        #expect(!said(first).isEmpty && said(first) == said(second))
    }

    @Test("exact windows are not audited")
    func exactAudit() async throws {
        #expect(try await self.records(.exact, audit: 1, sources: [self.long("door")]).audits.isEmpty)
    }

    @Test("every event of fast mode starts with an exact window while nothing is known of the fast ones")
    func border() async throws {
        let exact = try await self.records(.exact, sources: [self.long("door")])
        let levels = self.scores(exact.labels).flatMap { $0 }.sorted()
        let enter = levels[levels.count / 2]
        let fast = try await self.records(.fast, audit: 0, enter: enter, sources: [self.long("door")])
        let starts = fast.all.indices.filter { RecordList.kinds([fast.all[$0]]) == ["start"] }
        #expect(!starts.isEmpty)
        for index in starts {
            guard case .event(let event) = fast.all[index] else { continue }
            let label = try #require(
                fast.all[..<index].reversed().lazy.compactMap { record in
                    if case .label(let label) = record { label } else { nil }
                }.first)
            #expect(label.mode == "exact" && label.label == event.label)
            let same = try #require(exact.labels.first { $0.t == label.t })
            let score = try #require(same.top.first { $0.label == event.label }?.score)
            #expect(score > enter - 1e-4, "at \(label.t)")
        }
        #expect(fast.labels.contains { $0.mode == "fast" })
    }

    @Test("a run that is cancelled amid audits and recomputed windows ends with every event closed")
    func cancelledAudit() async throws {
        for moment in 3..<40 {
            let task = Mutex<Task<[SourceOutcome], any Error>?>(nil)
            let sink = RecordList { number, _ in
                if number == moment { task.withLock { $0?.cancel() } }
            }
            let recognizer = try await Recognizer(
                model: self.model,
                configuration: RecognizerConfiguration(
                    labels: self.labels, plan: self.plan, smoothing: .zero,
                    thresholds: EventThresholds(enter: -1, exit: -1, minimumDuration: .zero, mergeGap: .zero),
                    mode: .fast, audit: 1))
            let source = self.long("door")
            task.withLock { $0 = Task { try await recognizer.run([source], into: sink) } }
            _ = try await task.withLock { $0 }?.value
            #expect(sink.eventsAreClosed && RecordList.kinds(sink.all).last == "end", "record \(moment)")
            #expect(sink.all.count <= moment + 8, "record \(moment): went on after it was cancelled")
        }
    }

    @Test("a file is computed exactly when the choice is Gerund's")
    func automatic() async throws {
        let records = try await self.labels(.auto, sources: [self.source("clip.mp4")])
        #expect(records.count == 17 && records.allSatisfy { $0.mode == "exact" })
    }
}
