import Foundation
import GerundCore
import GerundEngine
import GerundEvents
import GerundStream
import GerundTesting
import Testing

@Suite("Cancelling a recognizer", .timeLimit(.minutes(5)))
struct CancellationTests {
    /// An event log on a thread of its own, as the program has it.
    private actor Log: RecordSink {
        static let thread = "cancelled-log"
        private let executor: ThreadExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }
        private var log: EventLog

        init(path: String) throws {
            self.executor = try #require(ThreadExecutor(name: Self.thread))
            self.log = try EventLog(path: path)
        }

        func take(_ record: Record) { _ = self.log.append(record) }
    }

    private let model: RecognitionModel
    private let configuration: RecognizerConfiguration

    init() throws {
        self.model = try DemoModel.model.get()
        // Every window counts as an action, whatever it shows: there is an open event at nearly any moment.
        self.configuration = RecognizerConfiguration(
            labels: try LabelSet(labels: ["walking", "running"], background: ["standing still"], for: self.model),
            plan: try DemoModel.plan(),
            thresholds: EventThresholds(enter: -1, exit: -1, minimumDuration: .zero, mergeGap: .seconds(1)))
    }

    /// Cameras and files that open, give frames, break off, come back, stall or end.
    private func sources(_ random: inout GerundTesting.SplitMix64) -> [ScriptedFrameSource] {
        let period = self.configuration.plan.period
        return (0..<Int.random(in: 1...3, using: &random)).map { number in
            var steps: [ScriptedFrameSource.Step] = []
            var slot = 0
            for segment in 0..<Int.random(in: 1...4, using: &random) {
                steps.append(.state(.opened(ScriptedFrameSource.description)))
                let count = Int.random(in: 1...40, using: &random)
                steps.append(
                    .frames(
                        count: count, from: .zero + period * slot, period: period, firstSlot: Int64(slot),
                        segment: segment))
                slot += count + Int.random(in: 1...30, using: &random)
                steps.append(.state(.lost(reason: "no packet for 10 s", retryIn: .seconds(2))))
            }
            steps.append(Bool.random(using: &random) ? .state(.ended) : .hold)
            return ScriptedFrameSource(
                id: SourceID("source \(number)"), picture: self.model.picture,
                policy: Bool.random(using: &random) ? .wait : .dropOldest, steps: steps)
        }
    }

    /// From the start of a run to its first event, at the pace that this machine has now.
    private func timeToFirstEvent() async throws -> Duration {
        let begin = ContinuousClock.now
        let (times, continuation) = AsyncStream.makeStream(of: Duration.self)
        let sink = RecordList { _, record in
            if case .event = record { continuation.yield(begin.duration(to: .now)) }
        }
        let period = self.configuration.plan.period
        let source = ScriptedFrameSource(
            id: SourceID("source"), picture: self.model.picture,
            steps: [
                .state(.opened(ScriptedFrameSource.description)),
                .frames(count: 10, from: .zero, period: period, firstSlot: 0, segment: 0), .state(.ended),
            ])
        _ = try await Recognizer(model: self.model, configuration: self.configuration).run([source], into: sink)
        return try #require(await times.first { _ in true })
    }

    @Test("ends it soon at any of hundreds of moments, every event closed in the log, no thread or descriptor left")
    func moments() async throws {
        #if DEBUG
        let patience = Duration.seconds(10)  // The tests that run meanwhile are as slow as this one.
        #else
        let patience = Duration.seconds(1)
        #endif
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).jsonl").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var random = GerundTesting.SplitMix64(seed: 7)
        let limit = max(.milliseconds(120), try await self.timeToFirstEvent() * 2)
        let rounds = max(60, min(300, Int(.seconds(40) / limit)))  // all of them on an idle machine
        let (threads, descriptors) = try (Self.threads().count, Self.descriptors().count)
        var longest = Duration.zero
        for round in 0..<rounds {
            let sources = self.sources(&random)
            let delay = limit * Double.random(in: 0...1, using: &random)
            let log = try Log(path: path)
            let task = Task {
                try await Recognizer(model: self.model, configuration: self.configuration).run(sources, into: log)
            }
            try await Task.sleep(for: delay)
            let cancelled = ContinuousClock.now
            task.cancel()
            do {
                _ = try await task.value
            } catch is CancellationError {
                // While the labels were encoded.
            }
            longest = max(longest, cancelled.duration(to: .now))
            #expect(longest < patience, "seed 7, round \(round), cancelled after \(delay)")
        }
        #expect(try Self.closedEvents(in: path) > rounds / 10)
        // Threads end soon after what they were for. Other tests come and go: a leak would be one each round or more.
        while try Self.threads().contains(where: { $0 == Log.thread }) { await Task.yield() }
        while try Self.threads().count >= threads + rounds / 2 { await Task.yield() }
        #expect(try !Self.descriptors().contains(path))
        #expect(try Self.descriptors().count < descriptors + rounds / 2)
    }

    /// How many lines of events a log has, each of which is closed.
    private static func closedEvents(in path: String) throws -> Int {
        var open = Set<String>()
        var count = 0
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            let record = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            guard record["type"] as? String == "event", let id = record["id"] as? String else { continue }
            count += 1
            if record["phase"] as? String == "start" {
                #expect(open.insert(id).inserted, "\(line)")
            } else {
                #expect(open.remove(id) != nil, "\(line)")
            }
        }
        #expect(open.isEmpty)
        return count
    }

    /// The names of the process's threads.
    private static func threads() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { thread in
            try? String(contentsOfFile: "/proc/self/task/\(thread)/comm", encoding: .utf8).filter { $0 != "\n" }
        }
    }

    /// What the process's descriptors stand for.
    private static func descriptors() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { descriptor in
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
        }
    }
}
