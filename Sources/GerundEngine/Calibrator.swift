import GerundCore
public import GerundEvents
public import GerundStream
import Synchronization

/// Watches normal footage by the pipeline of recognition, and finds the levels that keep false alarms within a budget.
public struct Calibrator: Sendable {
    private let recognizer: Recognizer
    private let configuration: RecognizerConfiguration

    /// Encodes the labels.
    ///
    /// - Parameter configuration: How it will be watched later. Its thresholds' levels are the lowest that are looked at.
    /// - Throws: ``ModelError`` `system` when the system has no thread for the engine; `CancellationError`.
    public init(model: RecognitionModel, configuration: RecognizerConfiguration) async throws {
        self.configuration = configuration
        var watching = configuration
        // Scores alone are wanted, of all labels.
        watching.topCount = configuration.labels.labels.count
        watching.thresholds = EventThresholds(enter: 1, exit: 1)
        self.recognizer = try await Recognizer(model: model, configuration: watching)
    }

    /// Watches until all sources have ended or been given up, or the task is cancelled: what was seen until then counts.
    ///
    /// - Parameters:
    ///   - budget: False alarms a day and source, of all labels together; above zero.
    ///   - progress: Told how much was watched, of all sources together.
    /// - Returns: The levels, `nil` when there was no footage of two windows, and how each source came out.
    public func run(
        _ sources: [any FrameSource], budget: Double, progress: @escaping @Sendable (Duration) -> Void
    ) async throws -> (calibration: Calibration?, outcomes: [SourceOutcome]) {
        let labels = self.configuration.labels.labels
        let thresholds = self.configuration.thresholds
        let levels = Calibration.levels(from: EventLevels(enter: thresholds.enter, exit: thresholds.exit))
        let sink = CountingSink(
            labels: labels,
            counter: AlarmCounter(
                labelCount: labels.count, levels: levels, thresholds: thresholds,
                windowLength: self.configuration.plan.windowLength),
            progress: progress)
        let outcomes = try await self.recognizer.run(sources, into: sink)
        let counters = sink.counters
        let watched = counters.reduce(Duration.zero) { $0 + $1.watched }
        guard watched > .zero else { return (nil, outcomes) }
        let counts = labels.indices.map { label in
            levels.indices.map { level in counters.reduce(0) { $0 + $1.counts[label][level] } }
        }
        let calibration = Calibration(
            labels: labels, counts: counts, levels: levels, watched: watched, budget: budget)
        return (calibration, outcomes)
    }
}

/// Counts what the labels' scores would have been alarms of.
private final class CountingSink: RecordSink {
    private let labels: [String: Int]
    /// As it is before a source's first window.
    private let counter: AlarmCounter
    private let progress: @Sendable (Duration) -> Void
    private let sources = Mutex<[SourceID: AlarmCounter]>([:])

    init(labels: [String], counter: AlarmCounter, progress: @escaping @Sendable (Duration) -> Void) {
        self.labels = Dictionary(uniqueKeysWithValues: zip(labels, labels.indices))
        self.counter = counter
        self.progress = progress
    }

    var counters: [AlarmCounter] { self.sources.withLock { Array($0.values) } }

    func take(_ record: Record) {
        switch record {
        case .label(let record):
            var scores = [Double](repeating: 0, count: self.labels.count)
            for entry in record.top {
                if let index = self.labels[entry.label] { scores[index] = entry.score }
            }
            let watched = self.sources.withLock { sources in
                sources[record.source, default: self.counter].windowArrived(scores, at: record.t)
                return sources.values.reduce(Duration.zero) { $0 + $1.watched }
            }
            self.progress(watched)
        case .source(let record):
            // Whatever it tells, windows don't go on across it.
            self.sources.withLock { $0[record.source]?.footageEnded() }
        case .run, .event, .dropped, .audit, .end:
            break
        }
    }
}
