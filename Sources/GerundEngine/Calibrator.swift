import GerundCore
public import GerundEvents
import GerundRecords
public import GerundStream
import Synchronization

/// Finds the thresholds that keep false alarms within a budget, from event-free recordings and with the pipeline of
/// recognition.
public struct Calibrator: Sendable {
    private let recognizer: Recognizer
    private let configuration: RecognizerConfiguration

    /// Creates a calibrator and encodes the labels.
    ///
    /// - Parameters:
    ///   - model: The loaded model.
    ///   - configuration: The configuration that the thresholds are for. Its own thresholds are the lowest candidates.
    /// - Throws: ``ModelError`` if a setting is out of range or doesn't fit the model, or no thread can be created for
    ///   the engine; `CancellationError`.
    public init(model: RecognitionModel, configuration: RecognizerConfiguration) async throws {
        self.configuration = configuration
        var watching = configuration
        // Only the scores are used, those of all labels.
        watching.topCount = configuration.labels.labels.count
        watching.thresholds = EventThresholds(startThreshold: 1, endThreshold: 1)
        self.recognizer = try await Recognizer(model: model, configuration: watching)
    }

    /// Observes the sources until all of them have ended or failed, or the task is cancelled; the observations up to
    /// then count.
    ///
    /// - Parameters:
    ///   - sources: Recordings without any event of interest.
    ///   - budget: The maximum number of false alarms per day and source, of all labels together; above 0.
    ///   - progress: Called with the media time observed so far, summed over all sources.
    /// - Returns: The thresholds, `nil` if no source had two windows, and the outcome of each source.
    /// - Throws: The errors of ``Recognizer/run(_:controller:into:)``.
    public func run(
        _ sources: [any FrameSource], budget: Double, progress: @escaping @Sendable (Duration) -> Void
    ) async throws -> (calibration: Calibration?, outcomes: [SourceOutcome]) {
        let labels = self.configuration.labels.labels
        let thresholds = self.configuration.thresholds
        let candidates = Calibration.candidateThresholds(from: thresholds.defaultThresholds)
        let sink = CountingSink(
            labels: labels,
            counter: FalseAlarmCounter(
                labelCount: labels.count, candidates: candidates, rules: thresholds,
                windowExtent: self.configuration.plan.windowExtent),
            progress: progress)
        let outcomes = try await self.recognizer.run(sources, into: sink)
        let counters = sink.counters
        let observed = counters.reduce(Duration.zero) { $0 + $1.observedDuration }
        guard observed > .zero else { return (nil, outcomes) }
        let counts = labels.indices.map { label in
            candidates.indices.map { index in counters.reduce(0) { $0 + $1.counts[label][index] } }
        }
        let calibration = Calibration(
            labels: labels, counts: counts, candidates: candidates, observedDuration: observed, budget: budget)
        return (calibration, outcomes)
    }
}

/// Counts the alarms that the labels' scores would have raised.
private final class CountingSink: RecordSink {
    private let labels: [String: Int]
    /// The counter of a source before its first window.
    private let counter: FalseAlarmCounter
    private let progress: @Sendable (Duration) -> Void
    private let sources = Mutex<[SourceID: FalseAlarmCounter]>([:])

    init(labels: [String], counter: FalseAlarmCounter, progress: @escaping @Sendable (Duration) -> Void) {
        self.labels = Dictionary(uniqueKeysWithValues: zip(labels, labels.indices))
        self.counter = counter
        self.progress = progress
    }

    var counters: [FalseAlarmCounter] { self.sources.withLock { Array($0.values) } }

    func write(_ record: Record) {
        switch record {
        case .label(let record):
            var scores = [Double](repeating: 0, count: self.labels.count)
            for entry in record.top {
                if let index = self.labels[entry.label] { scores[index] = entry.score }
            }
            let observed = self.sources.withLock { sources in
                sources[record.source, default: self.counter].windowArrived(scores, at: record.mediaTime)
                return sources.values.reduce(Duration.zero) { $0 + $1.observedDuration }
            }
            self.progress(observed)
        case .source(let record):
            // Windows don't continue across a change of state.
            self.sources.withLock { $0[record.source]?.streamEnded() }
        case .run, .event, .framesDropped, .audit, .summary:
            break
        }
    }
}
