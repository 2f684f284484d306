import Foundation
import GerundCore
import GerundEngine
import GerundEvents
import GerundRecords
import GerundStream
import GerundTesting
import Synchronization
import Testing

@Suite("Recognizer", .timeLimit(.minutes(10)))
struct RecognizerTests {
    private let model: RecognitionModel
    private let plan: SamplingPlan
    private let labels: LabelSet

    init() throws {
        self.model = try DemoModel.model.get()
        self.plan = try DemoModel.plan()
        self.labels = try LabelSet(labels: ["walking", "running"], background: ["standing still"], for: self.model)
    }

    /// Returns a recognizer, by request with thresholds that put every window inside an event.
    private func recognizer(
        isEventful: Bool = false, labels: LabelSet? = nil, duration: Duration? = nil, plan: SamplingPlan? = nil,
        topCount: Int = 5
    ) async throws -> Recognizer {
        try await Recognizer(
            model: self.model,
            configuration: RecognizerConfiguration(
                labels: labels ?? self.labels, plan: plan ?? self.plan, smoothing: .milliseconds(250),
                thresholds: isEventful
                    ? .eager() : EventThresholds(minimumDuration: .zero, mergeGap: .seconds(1)),
                topCount: topCount, duration: duration,
                eventIDs: { .deterministic(seed: $0.id.name) }))
    }

    private func source(_ name: String = "door", _ steps: [ScriptedFrameSource.Step]) -> ScriptedFrameSource {
        ScriptedFrameSource(id: SourceID(name), frameFormat: self.model.inputFormat, steps: steps)
    }

    private func frames(
        _ count: Int, from seconds: Double = 0, firstTick: Int64 = 0, segment: Int = 0
    ) -> ScriptedFrameSource.Step {
        .frames(
            count: count, from: MediaTime(seconds: seconds), period: self.plan.samplingInterval, firstTick: firstTick,
            segment: segment)
    }

    private let opened = ScriptedFrameSource.Step.state(.connected(ScriptedFrameSource.description))

    // MARK: Order

    @Test("Writes the run, the connection, a label per window once the first is full, and a summary")
    func order() async throws {
        let sink = RecordList()
        let source = self.source("door", [self.opened, self.frames(12), .state(.ended)])
        let outcomes = try await self.recognizer().run([source], into: sink)

        let kinds = RecordList.kinds(sink.all).filter { $0 != "start" && $0 != "stop" }
        #expect(
            kinds == ["run", "connected", "warming_up"] + Array(repeating: "label", count: 5) + ["ended", "summary"])
        #expect(sink.labels.map(\.mediaTime.seconds) == [1.75, 2, 2.25, 2.5, 2.75])
        #expect(sink.labels.allSatisfy { $0.top.count == 2 && $0.mode == "exact" })
        #expect(outcomes.count == 1)
        #expect(outcomes[0].wasOpened && outcomes[0].error == nil)
        #expect((outcomes[0].frames, outcomes[0].windows, outcomes[0].dropped) == (12, 5, 0))
        let summary = try #require(sink.summaries.last)
        #expect(sink.all.last == .summary(summary))
        #expect((summary.source, summary.framesRead, summary.windows) == (SourceID("door"), 12, 5))
        #expect((summary.framesDropped, summary.windowsSkipped, summary.queues) == (0, 0, nil))
        let run = try #require(sink.runs.first)
        #expect(sink.all.first == .run(run))
        #expect(
            (run.model, run.framesPerWindow, run.window, run.windowsPerSecond) == ("gerund-demo", 8, .seconds(2), 4))
        #expect(run.labels == self.labels.labels && run.background == self.labels.background)
        #expect(run.modelSHA256.count == 64)
    }

    @Test("Writes no label for a source that is shorter than a window")
    func warming() async throws {
        let sink = RecordList()
        let source = self.source("door", [self.opened, self.frames(7), .state(.ended)])
        _ = try await self.recognizer(isEventful: true).run([source], into: sink)
        #expect(RecordList.kinds(sink.all) == ["run", "connected", "warming_up", "ended", "summary"])
    }

    @Test("Ends an event with the last frame, before the source's end is written")
    func naturalEnd() async throws {
        let sink = RecordList()
        let source = self.source("door", [self.opened, self.frames(12), .state(.ended)])
        _ = try await self.recognizer(isEventful: true).run([source], into: sink)
        #expect(RecordList.kinds(sink.all).suffix(3) == ["stop", "ended", "summary"])
        #expect(sink.closedEventCount() > 0)
        #expect(sink.events.first?.start == .zero)
        let end = try #require(sink.ends.last)
        #expect(end.time == MediaTime(seconds: 2.75) && !end.isInterrupted)
    }

    // MARK: Breaks

    @Test("Interrupts the event of a disconnected source, and warms up again when it is back")
    func lost() async throws {
        let sink = RecordList()
        let source = self.source(
            "door",
            [
                self.opened, self.frames(10),
                .state(.disconnected(reason: "no packet for 10 s", retryAfter: .seconds(2))),
                self.opened, self.frames(9, from: 20, firstTick: 80, segment: 1), .state(.ended),
            ])
        _ = try await self.recognizer(isEventful: true).run([source], into: sink)
        let kinds = RecordList.kinds(sink.all)
        let lost = try #require(kinds.firstIndex(of: "disconnected"))
        #expect(kinds[lost - 1] == "stop")
        #expect(kinds[(lost + 1)...].prefix(3) == ["connected", "warming_up", "label"])
        #expect(kinds[(lost + 2)...].filter { $0 == "label" }.count == 2)
        #expect(sink.closedEventCount() > 0)
        #expect(sink.ends.contains { $0.time == MediaTime(seconds: 2.25) && $0.isInterrupted })
        #expect(sink.ends.last?.isInterrupted == false)
        #expect(sink.events.filter { $0.start >= MediaTime(seconds: 20) }.count >= 2)
    }

    @Test("Interrupts the event at a discontinuity of the timestamps")
    func segments() async throws {
        let sink = RecordList()
        let source = self.source(
            "door",
            [self.opened, self.frames(8), self.frames(8, from: 2, firstTick: 8, segment: 1), .state(.ended)])
        _ = try await self.recognizer(isEventful: true).run([source], into: sink)
        #expect(sink.labels.map(\.mediaTime.seconds) == [1.75, 3.75])
        #expect(sink.closedEventCount() > 0)
        #expect(sink.events.map(\.start.seconds) == [0, 0, 2, 2])
        let second = RecordList.kinds(sink.all).drop { $0 != "stop" }
        #expect(second.prefix(3) == ["stop", "warming_up", "label"])
        let end = try #require(sink.ends.first)
        #expect(end.time == MediaTime(seconds: 1.75) && end.isInterrupted)
    }

    @Test("Interrupts the event at a gap that is longer than a window, and at no shorter one")
    func gap() async throws {
        let sink = RecordList()
        let source = self.source(
            "door",
            [
                self.opened, self.frames(10), self.frames(10, from: 4, firstTick: 16),
                self.frames(10, from: 9.25, firstTick: 37), .state(.ended),
            ])
        _ = try await self.recognizer(isEventful: true, labels: self.oneLabel()).run([source], into: sink)
        #expect(sink.closedEventCount() > 0)
        #expect(sink.ends.map(\.time.seconds) == [6.25, 11.5] && sink.ends.map(\.isInterrupted) == [true, false])
        #expect(RecordList.kinds(sink.all).filter { $0 == "warming_up" }.count == 2)
    }

    private func oneLabel() throws -> LabelSet {
        try LabelSet(labels: ["walking"], background: ["standing still"], for: self.model)
    }

    @Test("Returns and writes why a source failed")
    func failure() async throws {
        let sink = RecordList()
        let error = CaptureError(code: .notFound, source: SourceID("door"), message: "no such file")
        let outcomes = try await self.recognizer().run([self.source("door", [.state(.failed(error))])], into: sink)
        #expect(RecordList.kinds(sink.all) == ["run", "failed", "summary"])
        #expect(outcomes[0].error == error && !outcomes[0].wasOpened)
    }

    @Test("Ends after the configured duration as at a natural end")
    func duration() async throws {
        let sink = RecordList()
        let source = self.source("door", [self.opened, self.frames(1000), .stall])
        let outcomes = try await self.recognizer(isEventful: true, duration: .milliseconds(2500))
            .run([source], into: sink)
        #expect(outcomes[0].frames == 10)
        #expect(sink.labels.last?.mediaTime == MediaTime(seconds: 2.25))
        #expect(sink.closedEventCount() > 0)
        let end = try #require(sink.ends.last)
        #expect(end.time == MediaTime(seconds: 2.25) && !end.isInterrupted)
    }

    @Test("Writes the dropped frames between the records of their neighbors, and counts them")
    func dropped() async throws {
        let source = ScriptedFrameSource(
            id: SourceID("door"), frameFormat: self.model.inputFormat, capacity: 2, policy: .dropOldest,
            steps: [self.opened, self.frames(400), .state(.ended)])
        // The first record is held up until the source has sent all its frames: the last two remain.
        let sink = RecordList { _, record in
            guard case .source(let description) = record, case .connected = description.state else { return }
            let feed = source.start()
            while feed.metrics().enqueued < 400 { await Task.yield() }
        }
        let outcomes = try await self.recognizer().run([source], into: sink)
        #expect((outcomes[0].frames, outcomes[0].dropped) == (2, 398))
        #expect(RecordList.kinds(sink.all) == ["run", "connected", "dropped", "warming_up", "ended", "summary"])
        let dropped = sink.all.compactMap { if case .framesDropped(let record) = $0 { record } else { nil } }
        #expect(dropped.map(\.count) == [398] && dropped.map(\.firstMediaTime) == [.zero])
        #expect(dropped.allSatisfy { $0.firstTime <= $0.time })
        #expect(sink.summaries.map(\.framesDropped) == [398])
    }

    @Test("Refuses a source whose frames have another size than the model takes")
    func otherSize() async throws {
        let size = self.model.inputFormat.cropSize.width / 2
        let format = FrameFormat(shortestEdge: size, cropSize: PixelSize(square: size))
        let source = ScriptedFrameSource(
            id: SourceID("door"), frameFormat: format, steps: [self.opened, self.frames(20), .state(.ended)])
        let sink = RecordList()
        let outcomes = try await self.recognizer().run([source], into: sink)
        #expect(outcomes[0].error?.code == .unsupported && outcomes[0].frames == 0)
        #expect(RecordList.kinds(sink.all) == ["run", "failed", "summary"])
    }

    @Test("Refuses settings that are out of range or don't fit the model")
    func invalidSettings() async throws {
        let valid = RecognizerConfiguration(labels: self.labels, plan: self.plan)
        let otherPlan = try SamplingPlan(frameCount: 5, windowDuration: .seconds(2))
        // 1000 windows per second over a day: 75 million frames per window.
        let hugePlan = try SamplingPlan(
            frameCount: self.model.frameCount, windowDuration: .seconds(86_400), windowRate: 1000)
        let changes: [(ModelError.Code, (inout RecognizerConfiguration) -> Void)] = [
            (.invalidSetting, { $0.refresh = -1 }), (.invalidSetting, { $0.audit = 1.5 }),
            (.invalidSetting, { $0.audit = .nan }), (.invalidSetting, { $0.topCount = -1 }),
            (.invalidSetting, { $0.smoothing = .seconds(-1) }), (.invalidSetting, { $0.plan = otherPlan }),
            (.memoryLimit, { $0.plan = hugePlan }),
        ]
        for (code, change) in changes {
            var configuration = valid
            change(&configuration)
            let error = await #expect(throws: ModelError.self) {
                _ = try await Recognizer(model: self.model, configuration: configuration)
            }
            #expect(error?.code == code, "\(error?.summary ?? "")")
        }
    }

    // MARK: Several sources

    @Test("Gives each of several sources the records that it gets alone")
    func severalSources() async throws {
        func steps(_ name: String) -> [ScriptedFrameSource.Step] {
            let first = name == "door" ? 0 : 100
            return [self.opened]
                + (0..<20).map { index in
                    .frame(
                        CapturedFrame(
                            time: MediaTime(seconds: 0.25 * Double(index)), tick: Int64(index), segment: 0,
                            arrival: .now), .noise(number: first + index))
                } + [.state(.ended)]
        }
        func summary(_ records: [Record]) -> [String] {
            records.compactMap { record in
                switch record {
                case .label(let label): "\(label.mediaTime) \(label.label ?? "none") \(label.score) \(label.top)"
                case .event(let event):
                    switch event.phase {
                    case .started(let score): "\(event.id) \(event.start) started \(score)"
                    case .updated(let peak): "\(event.id) updated \(peak)"
                    case .ended(let end, _, let peak, let isInterrupted): "\(event.id) \(end) \(peak) \(isInterrupted)"
                    }
                case .summary(let summary): "\(summary.framesRead) \(summary.windows)"
                case .run, .source, .framesDropped, .audit: nil
                }
            }
        }
        let recognizer = try await self.recognizer(isEventful: true)
        let both = RecordList()
        let outcomes = try await recognizer.run(
            [self.source("door", steps("door")), self.source("yard", steps("yard"))], into: both)
        #expect(outcomes.map(\.windows) == [13, 13])
        for name in ["door", "yard"] {
            let alone = RecordList()
            _ = try await recognizer.run([self.source(name, steps(name))], into: alone)
            #expect(summary(both.records(of: name)) == summary(alone.records(of: name)))
        }
        #expect(summary(both.records(of: "door")) != summary(both.records(of: "yard")))
    }

    // MARK: Ends

    @Test("Closes every event at whatever record its task is cancelled, and ends the source's thread")
    func cancellation() async throws {
        var random = SplitMix64(seed: 1)
        let recognizer = try await self.recognizer(isEventful: true)
        var events = 0
        for round in 0..<60 {
            let moment = Int.random(in: 0..<16, using: &random)
            let isStalling = Bool.random(using: &random)
            let task = Mutex<Task<[SourceOutcome], any Error>?>(nil)
            let sink = RecordList { number, _ in
                if number == moment { task.withLock { $0?.cancel() } }
            }
            let sources = [self.source("cancelled-door", [self.opened, self.frames(isStalling ? 14 : 2000), .stall])]
            task.withLock { $0 = Task { try await recognizer.run(sources, into: sink) } }
            // If the feed has no more frames before that record, the run is cancelled while it waits for one.
            if isStalling, moment >= 9 { task.withLock { $0?.cancel() } }
            _ = try await task.withLock { $0 }?.value
            let what = "seed 1, round \(round), record \(moment)"
            events += sink.closedEventCount("\(what)")
            #expect(RecordList.kinds(sink.all).last == "summary", "\(what)")
            #expect(sink.all.count <= moment + 8, "\(what): continued after it was cancelled")
            #expect(sink.ends.last?.isInterrupted != false, "\(what)")
        }
        #expect(events > 20)
        try await Self.expectNoThread(of: "cancelled-door")
    }

    @Test("Stops all sources when the sink throws, and still writes the ends of open events")
    func failingSink() async throws {
        let recognizer = try await self.recognizer(isEventful: true)
        var events = 0
        for moment in stride(from: 1, to: 16, by: 2) {
            let sink = RecordList { number, _ in if number >= moment { throw RecordList.Full() } }
            let sources = ["failing-door", "failing-yard"].map {
                self.source($0, [self.opened, self.frames(200), .stall])
            }
            await #expect(throws: RecordList.Full.self) { _ = try await recognizer.run(sources, into: sink) }
            events += sink.closedEventCount("record \(moment)")
            #expect(RecordList.kinds(sink.all).filter { $0 == "summary" }.count == 2, "record \(moment)")
        }
        #expect(events > 0)
        try await Self.expectNoThread(of: "failing-door")
        try await Self.expectNoThread(of: "failing-yard")
    }

    @Test("Starts no source if the sink throws on the first record")
    func refusedRun() async throws {
        let sink = RecordList { _, _ in throw RecordList.Full() }
        let recognizer = try await self.recognizer()
        let source = self.source("door", [self.opened, self.frames(20)])
        await #expect(throws: RecordList.Full.self) { _ = try await recognizer.run([source], into: sink) }
        #expect(RecordList.kinds(sink.all) == ["run"])
    }

    @Test("Isn't created if its task is cancelled while the labels are encoded")
    func cancellationWhileEncoding() async throws {
        let labels = try LabelSet(
            labels: (0..<1000).map { "somebody is doing action number \($0)" }, background: [], for: self.model)
        let cancelled = Task { try await self.recognizer(labels: labels) }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { _ = try await cancelled.value }

        // A tenth of the time that all labels take on this machine.
        let began = ContinuousClock.now
        _ = try await self.recognizer(labels: labels)
        let delay = began.duration(to: .now) / 10
        let task = Task { try await self.recognizer(labels: labels) }
        try await Task.sleep(for: delay)
        task.cancel()
        await #expect(throws: CancellationError.self, "cancelled after \(delay)") { _ = try await task.value }
    }

    /// Waits until the thread of a scripted source has ended, which is soon after the source has stopped.
    private static func expectNoThread(of source: String) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try CurrentProcess.threadCount(named: String(source.prefix(15))) > 0 {
            guard ContinuousClock.now < deadline else {
                Issue.record("the thread of source '\(source)' is still running")
                return
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    // MARK: Scores

    @Test("Gives a label the same score with and without others")
    func labelsAreIndependent() async throws {
        func scores(_ labels: [String]) async throws -> [MediaTime: Double] {
            let set = try LabelSet(labels: labels, background: ["standing still"], for: self.model)
            let sink = RecordList()
            let source = self.source("door", [self.opened, self.frames(16), .state(.ended)])
            _ = try await self.recognizer(labels: set, topCount: labels.count).run([source], into: sink)
            return Dictionary(
                uniqueKeysWithValues: sink.labels.map { record in
                    (record.mediaTime, record.top.first { $0.label == "walking" }?.score ?? .nan)
                })
        }
        let alone = try await scores(["walking"])
        #expect(alone.count == 9)
        // More texts than are encoded in one step.
        let hundred = (0..<100).map { "somebody is doing action number \($0)" } + ["walking"]
        for labels in [["jumping", "walking", "clapping", "a dog"], hundred] {
            let among = try await scores(labels)
            #expect(Set(alone.keys) == Set(among.keys))
            for (time, score) in alone {
                // Matrix multiplications of other sizes can round differently: float32, sums of some hundred terms.
                #expect(abs(score - (among[time] ?? .nan)) < 1e-4, "\(time)")
            }
        }
    }
}
