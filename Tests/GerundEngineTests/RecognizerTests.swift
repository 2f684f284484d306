import Foundation
import GerundCore
import GerundEngine
import GerundEvents
import GerundStream
import GerundTesting
import Synchronization
import Testing

@Suite("A recognizer with the demo model", .timeLimit(.minutes(5)))
struct RecognizerTests {
    private let model: RecognitionModel
    private let plan: WindowPlan
    private let labels: LabelSet

    init() throws {
        self.model = try DemoModel.model.get()
        self.plan = try DemoModel.plan()
        self.labels = try LabelSet(labels: ["walking", "running"], background: ["standing still"], for: self.model)
    }

    /// - Parameter isEventful: Whether every window counts as an action, whatever it shows.
    private func recognizer(
        isEventful: Bool = false, labels: LabelSet? = nil, duration: Duration? = nil, plan: WindowPlan? = nil,
        topCount: Int = 5
    ) async throws -> Recognizer {
        let enter = isEventful ? -1.0 : 0.6
        return try await Recognizer(
            model: self.model,
            configuration: RecognizerConfiguration(
                labels: labels ?? self.labels, plan: plan ?? self.plan, smoothing: .milliseconds(250),
                thresholds: EventThresholds(
                    enter: enter, exit: min(enter, 0.4), minimumDuration: .zero, mergeGap: .seconds(1)),
                topCount: topCount, duration: duration,
                eventIDs: { .derived(from: $0.id.name) }))
    }

    private func source(_ name: String = "door", _ steps: [ScriptedFrameSource.Step]) -> ScriptedFrameSource {
        ScriptedFrameSource(id: SourceID(name), picture: self.model.picture, steps: steps)
    }

    private func frames(
        _ count: Int, from seconds: Double = 0, firstSlot: Int64 = 0, segment: Int = 0
    ) -> ScriptedFrameSource.Step {
        .frames(
            count: count, from: MediaTime(seconds: seconds), period: self.plan.period, firstSlot: firstSlot,
            segment: segment)
    }

    private let opened = ScriptedFrameSource.Step.state(.opened(ScriptedFrameSource.description))

    // MARK: Order

    @Test("tells the run, the opening, a label for each window once it is warm, and the end")
    func order() async throws {
        let sink = RecordList()
        let source = self.source("door", [self.opened, self.frames(12), .state(.ended)])
        let outcomes = try await self.recognizer().run([source], into: sink)

        let kinds = RecordList.kinds(sink.all).filter { $0 != "start" && $0 != "stop" }
        #expect(kinds == ["run", "open", "warming"] + Array(repeating: "label", count: 5) + ["ended", "end"])
        #expect(sink.labels.map(\.t.seconds) == [1.75, 2, 2.25, 2.5, 2.75])
        #expect(sink.labels.allSatisfy { $0.top.count == 2 && $0.mode == "exact" })
        #expect(outcomes.count == 1)
        #expect(outcomes[0].wasOpened && outcomes[0].error == nil)
        #expect((outcomes[0].frames, outcomes[0].windows, outcomes[0].dropped) == (12, 5, 0))
        #expect(sink.all.last == .end(EndRecord(source: SourceID("door"), frames: 12, windows: 5, dropped: 0)))
        guard case .run(let run)? = sink.all.first else {
            Issue.record("the first record is \(sink.all)")
            return
        }
        #expect((run.model, run.frames, run.span, run.rate) == ("gerund-demo", 8, 2, 4))
        #expect(run.labels == self.labels.labels && run.background == self.labels.background)
        #expect(run.checksum.hasPrefix("sha256:"))
    }

    @Test("says no label of a clip that is shorter than a window")
    func warming() async throws {
        let sink = RecordList()
        let source = self.source("door", [self.opened, self.frames(7), .state(.ended)])
        _ = try await self.recognizer(isEventful: true).run([source], into: sink)
        #expect(RecordList.kinds(sink.all) == ["run", "open", "warming", "ended", "end"])
    }

    @Test("ends an event with the last frame, before it tells that the source ended")
    func naturalEnd() async throws {
        let sink = RecordList()
        let source = self.source("door", [self.opened, self.frames(12), .state(.ended)])
        _ = try await self.recognizer(isEventful: true).run([source], into: sink)
        #expect(RecordList.kinds(sink.all).suffix(3) == ["stop", "ended", "end"])
        #expect(sink.eventsAreClosed)
        let last = try #require(sink.events.last)
        #expect(sink.events.first?.start == .zero)
        guard case .end(let end, _, let isInterrupted) = last.phase else { return }
        #expect(end == MediaTime(seconds: 2.75))
        #expect(!isInterrupted)
    }

    // MARK: Breaks

    @Test("interrupts the event of a source that is lost, and warms up again when it is back")
    func lost() async throws {
        let sink = RecordList()
        let source = self.source(
            "door",
            [
                self.opened, self.frames(10), .state(.lost(reason: "no packet for 10 s", retryIn: .seconds(2))),
                self.opened, self.frames(9, from: 20, firstSlot: 80, segment: 1), .state(.ended),
            ])
        _ = try await self.recognizer(isEventful: true).run([source], into: sink)
        let kinds = RecordList.kinds(sink.all)
        let lost = try #require(kinds.firstIndex(of: "lost"))
        #expect(kinds[lost - 1] == "stop")
        #expect(kinds[(lost + 1)...].prefix(3) == ["open", "warming", "label"])
        #expect(kinds[(lost + 2)...].filter { $0 == "label" }.count == 2)
        #expect(sink.eventsAreClosed)
        let ends = sink.events.compactMap { event -> (MediaTime, Bool)? in
            if case .end(let end, _, let isInterrupted) = event.phase { (end, isInterrupted) } else { nil }
        }
        #expect(ends.contains { $0.0 == MediaTime(seconds: 2.25) && $0.1 })
        #expect(ends.last?.1 == false)
        #expect(sink.events.filter { $0.start >= MediaTime(seconds: 20) }.count >= 2)
    }

    @Test("interrupts the event also where only the time stamps break")
    func segments() async throws {
        let sink = RecordList()
        let source = self.source(
            "door",
            [self.opened, self.frames(8), self.frames(8, from: 2, firstSlot: 8, segment: 1), .state(.ended)])
        _ = try await self.recognizer(isEventful: true).run([source], into: sink)
        #expect(sink.labels.map(\.t.seconds) == [1.75, 3.75])
        #expect(sink.eventsAreClosed)
        #expect(sink.events.map(\.start.seconds) == [0, 0, 2, 2])
        let second = RecordList.kinds(sink.all).drop { $0 != "stop" }
        #expect(second.prefix(3) == ["stop", "warming", "label"])
        guard case .end(let end, _, let isInterrupted) = sink.events[1].phase else { return }
        #expect(end == MediaTime(seconds: 1.75) && isInterrupted)
    }

    @Test("interrupts the event where more frames are missing than a window has, and no other event for fewer")
    func gap() async throws {
        let sink = RecordList()
        let source = self.source(
            "door",
            [
                self.opened, self.frames(10), self.frames(10, from: 4, firstSlot: 16),
                self.frames(10, from: 9.25, firstSlot: 37), .state(.ended),
            ])
        _ = try await self.recognizer(isEventful: true, labels: self.oneLabel()).run([source], into: sink)
        #expect(sink.eventsAreClosed)
        let ends = sink.events.compactMap { event -> (MediaTime, Bool)? in
            if case .end(let end, _, let isInterrupted) = event.phase { (end, isInterrupted) } else { nil }
        }
        #expect(ends.map(\.0.seconds) == [6.25, 11.5] && ends.map(\.1) == [true, false])
        #expect(RecordList.kinds(sink.all).filter { $0 == "warming" }.count == 2)
    }

    private func oneLabel() throws -> LabelSet {
        try LabelSet(labels: ["walking"], background: ["standing still"], for: self.model)
    }

    @Test("tells why a source was given up")
    func failure() async throws {
        let sink = RecordList()
        let error = CaptureError(code: .notFound, source: SourceID("door"), message: "no such file")
        let outcomes = try await self.recognizer().run([self.source("door", [.state(.failed(error))])], into: sink)
        #expect(RecordList.kinds(sink.all) == ["run", "failed", "end"])
        #expect(outcomes[0].error == error && !outcomes[0].wasOpened)
    }

    @Test("ends at the asked duration as at a natural end")
    func duration() async throws {
        let sink = RecordList()
        let source = self.source("door", [self.opened, self.frames(1000), .hold])
        let outcomes = try await self.recognizer(isEventful: true, duration: .milliseconds(2500))
            .run([source], into: sink)
        #expect(outcomes[0].frames == 10)
        #expect(sink.labels.last?.t == MediaTime(seconds: 2.25))
        #expect(sink.eventsAreClosed)
        guard case .end(let end, _, let isInterrupted)? = sink.events.last?.phase else { return }
        #expect(end == MediaTime(seconds: 2.25) && !isInterrupted)
    }

    @Test("tells of dropped frames in their place and counts them")
    func dropped() async throws {
        let sink = RecordList()
        let source = ScriptedFrameSource(
            id: SourceID("door"), picture: self.model.picture, capacity: 2, policy: .dropOldest,
            steps: [self.opened, self.frames(400), .state(.ended)])
        let outcomes = try await self.recognizer().run([source], into: sink)
        let dropped = sink.all.compactMap { if case .dropped(let record) = $0 { record } else { nil } }
        #expect(outcomes[0].frames + outcomes[0].dropped == 400)
        #expect(dropped.map(\.frames).reduce(0, +) == outcomes[0].dropped)
        #expect(dropped.allSatisfy { $0.since <= $0.time })
    }

    // MARK: Several sources

    @Test("gives each of several sources the records that it gets alone")
    func severalSources() async throws {
        func steps(_ name: String) -> [ScriptedFrameSource.Step] {
            let first = name == "door" ? 0 : 100
            return [self.opened]
                + (0..<20).map { index in
                    .frame(
                        CapturedFrame(
                            time: MediaTime(seconds: 0.25 * Double(index)), slot: Int64(index), segment: 0,
                            arrival: .now), .noise(number: first + index))
                } + [.state(.ended)]
        }
        func said(_ records: [Record]) -> [String] {
            records.compactMap { record in
                switch record {
                case .label(let label): "\(label.t) \(label.label) \(label.score) \(label.top)"
                case .event(let event): "\(event.id) \(event.start) \(event.phase)"
                case .end: record.jsonLine
                case .run, .source, .dropped, .audit: nil
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
            #expect(said(both.records(of: name)) == said(alone.records(of: name)))
        }
        #expect(said(both.records(of: "door")) != said(both.records(of: "yard")))
    }

    // MARK: Ends

    @Test("closes every event at whatever record its task is cancelled, and leaves no thread of the source behind")
    func cancellation() async throws {
        var random = GerundTesting.SplitMix64(seed: 1)
        let recognizer = try await self.recognizer(isEventful: true)
        for round in 0..<200 {
            let moment = Int.random(in: 0..<16, using: &random)
            let isHeld = Bool.random(using: &random)
            let task = Mutex<Task<[SourceOutcome], any Error>?>(nil)
            let sink = RecordList { number, _ in
                if number == moment { task.withLock { $0?.cancel() } }
            }
            let sources = [self.source("door", [self.opened, self.frames(isHeld ? 14 : 2000), .hold])]
            task.withLock { $0 = Task { try await recognizer.run(sources, into: sink) } }
            // A feed that dries up before the moment has come is cancelled while it waits.
            if isHeld, moment >= 9 { task.withLock { $0?.cancel() } }
            _ = try await task.withLock { $0 }?.value
            let what = "seed 1, round \(round), record \(moment)"
            #expect(sink.eventsAreClosed, "\(what)")
            #expect(RecordList.kinds(sink.all).last == "end", "\(what)")
            #expect(sink.all.count <= moment + 8, "\(what): went on after it was cancelled")
            if case .end(_, _, let isInterrupted)? = sink.events.last?.phase { #expect(isInterrupted, "\(what)") }
        }
        try await Self.expectNoSourceRuns()
    }

    @Test("stops all sources when the sink throws, and still offers the ends of what was open")
    func failingSink() async throws {
        let recognizer = try await self.recognizer(isEventful: true)
        for moment in 1..<16 {
            let sink = RecordList { number, _ in if number >= moment { throw RecordList.Full() } }
            let sources = ["door", "yard"].map { self.source($0, [self.opened, self.frames(200), .hold]) }
            await #expect(throws: RecordList.Full.self) { _ = try await recognizer.run(sources, into: sink) }
            #expect(sink.eventsAreClosed, "record \(moment)")
            #expect(RecordList.kinds(sink.all).filter { $0 == "end" }.count == 2, "record \(moment)")
        }
        try await Self.expectNoSourceRuns()
    }

    @Test("starts no source when the sink refuses the first record")
    func refusedRun() async throws {
        let sink = RecordList { _, _ in throw RecordList.Full() }
        let recognizer = try await self.recognizer()
        let source = self.source("door", [self.opened, self.frames(20)])
        await #expect(throws: RecordList.Full.self) { _ = try await recognizer.run([source], into: sink) }
        #expect(RecordList.kinds(sink.all) == ["run"])
    }

    @Test("is not made when its task is cancelled while the labels are encoded", .timeLimit(.minutes(1)))
    func cancellationWhileEncoding() async throws {
        let labels = try LabelSet(
            labels: (0..<4000).map { "somebody is doing action number \($0)" }, background: [], for: self.model)
        for delay in [Duration.zero, .milliseconds(20), .milliseconds(100)] {
            let task = Task { try await self.recognizer(labels: labels) }
            if delay > .zero { try await Task.sleep(for: delay) }
            task.cancel()
            await #expect(throws: CancellationError.self, "\(delay)") { _ = try await task.value }
        }
    }

    /// Waits until no scripted source has a thread: those of tests that run at the same time end too.
    private static func expectNoSourceRuns() async throws {
        func count() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").filter { thread in
                let name = try? String(contentsOfFile: "/proc/self/task/\(thread)/comm", encoding: .utf8)
                return name == "scripted\n"
            }.count
        }
        while try count() > 0 { await Task.yield() }
    }

    // MARK: Scores

    @Test("gives a label the score that it has without the others")
    func labelsAreIndependent() async throws {
        func scores(_ labels: [String]) async throws -> [MediaTime: Double] {
            let set = try LabelSet(labels: labels, background: ["standing still"], for: self.model)
            let sink = RecordList()
            let source = self.source("door", [self.opened, self.frames(16), .state(.ended)])
            _ = try await self.recognizer(labels: set, topCount: labels.count).run([source], into: sink)
            return Dictionary(
                uniqueKeysWithValues: sink.labels.map { record in
                    (record.t, record.top.first { $0.label == "walking" }?.score ?? .nan)
                })
        }
        let alone = try await scores(["walking"])
        #expect(alone.count == 9)
        // So many that their texts are not encoded together.
        let hundred = (0..<100).map { "somebody is doing action number \($0)" } + ["walking"]
        for labels in [["jumping", "walking", "clapping", "a dog"], hundred] {
            let among = try await scores(labels)
            #expect(Set(alone.keys) == Set(among.keys))
            for (time, score) in alone {
                // Matrix products of other sizes may round otherwise: fp32, sums of some hundred terms.
                #expect(abs(score - (among[time] ?? .nan)) < 1e-4, "\(time)")
            }
        }
    }
}
