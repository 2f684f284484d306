import Foundation
import GerundCore
import GerundEngine
import GerundEvents
import GerundRecords
import GerundStream
import GerundTesting
import Synchronization
import Testing

@Suite("Cancellation", .timeLimit(.minutes(10)))
struct CancellationTests {
    /// An event log on a thread of its own, as in the program.
    private actor Log: RecordSink {
        static let thread = "cancelled-log"
        private let executor: ThreadExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }
        private var log: EventLog

        init(path: String) throws {
            self.executor = try ThreadExecutor(name: Self.thread)
            self.log = try EventLog(path: path)
        }

        func write(_ record: Record) { _ = self.log.append(record) }
    }

    private let model: RecognitionModel
    private let configuration: RecognizerConfiguration

    init() throws {
        self.model = try DemoModel.model.get()
        // Every window is inside an event, so that one is open at nearly any moment.
        self.configuration = RecognizerConfiguration(
            labels: try LabelSet(labels: ["walking", "running"], background: ["standing still"], for: self.model),
            plan: try DemoModel.plan(),
            thresholds: .eager())
    }

    /// Cameras and files that connect, send frames, disconnect, come back, stall or end.
    ///
    /// The first one drops no frames, and its first segment alone gives more records than any moment of the test.
    private func sources(_ random: inout SplitMix64) -> [ScriptedFrameSource] {
        let period = self.configuration.plan.samplingInterval
        return (0..<Int.random(in: 1...3, using: &random)).map { number in
            var steps: [ScriptedFrameSource.Step] = []
            var tick = 0
            for segment in 0..<Int.random(in: 1...4, using: &random) {
                steps.append(.state(.connected(ScriptedFrameSource.description)))
                let isFirst = number == 0 && segment == 0
                let count = isFirst ? 40 : Int.random(in: 1...24, using: &random)
                steps.append(
                    .frames(
                        count: count, from: .zero + period * tick, period: period, firstTick: Int64(tick),
                        segment: segment))
                tick += count + Int.random(in: 1...30, using: &random)
                steps.append(.state(.disconnected(reason: "no packet for 10 s", retryAfter: .seconds(2))))
            }
            steps.append(Bool.random(using: &random) ? .state(.ended) : .stall)
            return ScriptedFrameSource(
                id: SourceID("source \(number)"), frameFormat: self.model.inputFormat,
                policy: number == 0 || Bool.random(using: &random) ? .block : .dropOldest, steps: steps)
        }
    }

    /// A log that reports when it has been given a number of records.
    private final class ObservedLog: RecordSink {
        private let log: Log
        private let moment: Int
        private let count = Atomic(0)
        private let continuation: AsyncStream<Void>.Continuation
        /// Finishes with record number `moment`, or when ``finish()`` is called.
        let hasComeFar: AsyncStream<Void>

        init(_ log: Log, moment: Int) {
            self.log = log
            self.moment = moment
            (self.hasComeFar, self.continuation) = AsyncStream.makeStream()
        }

        func write(_ record: Record) async {
            await self.log.write(record)
            let count = self.count.add(1, ordering: .relaxed).newValue
            if count == self.moment { self.finish() }
        }

        func finish() { self.continuation.finish() }
    }

    @Test("Ends soon whenever it is cancelled, with every event closed in the log and no thread or descriptor left")
    func moments() async throws {
        #if DEBUG
        let patience = Duration.seconds(10)  // Tests that run at the same time are as slow as this one.
        #else
        let patience = Duration.seconds(1)
        #endif
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let path = directory.path("events.jsonl")
        var random = SplitMix64(seed: 7)
        #if DEBUG
        let rounds = 40
        #else
        let rounds = 200
        #endif
        let (threads, descriptors) = try (CurrentProcess.threadNames().count, CurrentProcess.openFiles().count)
        var longest = Duration.zero
        for round in 0..<rounds {
            let sources = self.sources(&random)
            // At once, while the labels are encoded; or after a record, while the next frame or window is on its way.
            let moment = Int.random(in: 0...24, using: &random)
            let log = try ObservedLog(Log(path: path), moment: moment)
            let task = Task {
                defer { log.finish() }
                return try await Recognizer(model: self.model, configuration: self.configuration)
                    .run(sources, into: log)
            }
            if moment > 0 { for await _ in log.hasComeFar {} }
            let cancelled = ContinuousClock.now
            task.cancel()
            do {
                _ = try await task.value
            } catch is CancellationError {
                // While the labels were encoded.
            }
            longest = max(longest, cancelled.duration(to: .now))
            #expect(longest < patience, "seed 7, round \(round), cancelled at record \(moment)")
        }
        #expect(try Self.closedEvents(in: path) > rounds / 4)
        // Threads end soon after their owners. Those of other tests come and go; a leak would be one per round or more.
        try await CurrentProcess.waitForNoThread(named: Log.thread)
        while try CurrentProcess.threadNames().count >= threads + rounds / 2 {
            try await Task.sleep(for: .milliseconds(1))
        }
        #expect(try !CurrentProcess.openFiles().contains(path))
        #expect(try CurrentProcess.openFiles().count < descriptors + rounds / 2)
    }

    /// Returns the number of event records in a log, and expects every event to be closed.
    private static func closedEvents(in path: String) throws -> Int {
        var open = Set<String>()
        var count = 0
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            let record = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            guard record["type"] as? String == "event", let id = record["id"] as? String else { continue }
            count += 1
            if record["phase"] as? String == "started" {
                #expect(open.insert(id).inserted, "\(line)")
            } else {
                #expect(open.remove(id) != nil, "\(line)")
            }
        }
        #expect(open.isEmpty)
        return count
    }
}
