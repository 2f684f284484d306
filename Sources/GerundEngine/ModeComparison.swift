public import GerundCore
public import GerundStream
public import GerundTensor
import XCLIP

/// Computes every window of some footage exactly in float32 and in other ways beside it, by the pipeline that
/// recognition uses, and counts how far they stray.
public struct ModeComparison: Sendable {
    /// A way of computing windows.
    public struct Way: Sendable, Hashable {
        public var precision: Precision
        /// How many rows of each older frame are computed anew; `Int.max` for all.
        public var refresh: Int

        public init(precision: Precision, refresh: Int) {
            self.precision = precision
            self.refresh = refresh
        }
    }

    /// How one way came out.
    public struct Result: Sendable {
        public var way: Way
        public var tally: ComparisonTally
    }

    private let labels: LabelSet
    private let plan: WindowPlan
    /// The reference in float32, and the one that is compared with it; the same one where that is float32 too.
    private let reference, engine: InferenceEngine
    private var tallies: [Way: ComparisonTally] = [:]
    /// In the order in which they were asked for.
    private let ways: [Way]

    /// Encodes the labels.
    ///
    /// - Parameters:
    ///   - model: In float32.
    ///   - other: The same model in another precision; `nil` for float32.
    ///   - refreshes: What is compared, each once; with another precision also its exact windows.
    /// - Throws: ``ModelError`` `system` when the system has no thread for an engine; `CancellationError`.
    public init(
        model: RecognitionModel, other: RecognitionModel?, labels: LabelSet, plan: WindowPlan, refreshes: [Int]
    ) async throws {
        self.labels = labels
        self.plan = plan
        self.reference = try await InferenceEngine(model: model, labels: labels)
        if let other {
            self.engine = try await InferenceEngine(model: other, labels: labels)
        } else {
            self.engine = self.reference
        }
        let precision = (other ?? model).precision
        let exact: [Int] = other == nil || refreshes.contains(.max) ? [] : [.max]
        self.ways = (refreshes + exact).map { Way(precision: precision, refresh: $0) }
        for way in self.ways { self.tallies[way] = ComparisonTally() }
    }

    /// How each way has come out so far.
    public var results: [Result] {
        self.ways.map { Result(way: $0, tally: self.tallies[$0] ?? ComparisonTally()) }
    }

    /// Compares all windows of a source.
    ///
    /// - Parameters:
    ///   - timeline: What truly happens in it, where that is known.
    ///   - duration: How much of it is looked at, in media time; `nil` for all.
    ///   - progress: Told the time that has been looked at.
    /// - Throws: ``CaptureError`` when the source can't be read; `CancellationError`.
    public mutating func compare(
        _ source: any FrameSource, timeline: Timeline?, duration: Duration?,
        progress: @Sendable (MediaTime) -> Void
    ) async throws {
        let texts = self.labels.texts
        var exactReader = WindowReader(engine: self.reference, plan: self.plan, mayBeFast: false)
        var readers: [(way: Way, reader: WindowReader)] = []
        for way in self.ways {
            let reader = WindowReader(engine: self.engine, plan: self.plan, mayBeFast: way.refresh != .max)
            readers.append((way, reader))
        }
        var failure: CaptureError?
        let feed = source.start()
        while !Task.isCancelled, let item = await feed.next() {
            if case .state(.failed(let error)) = item { failure = error }
            guard case .frame(let frame) = item else { continue }
            if let duration, frame.time - .zero >= duration { break }
            let exact = await exactReader.frameArrived(frame, feed, refresh: .all).window
            let first = frame.time.seconds - self.plan.windowLength / .seconds(1)
            let truth = timeline?.label(from: first, to: frame.time.seconds).flatMap { texts.firstIndex(of: $0) }
            for index in readers.indices {
                let way = readers[index].way
                let window = await readers[index].reader.frameArrived(frame, feed, refresh: .rows(way.refresh)).window
                guard let exact, let window else { continue }
                self.tallies[way]?.windowArrived(
                    exact: exact.logits, logits: window.logits, labelCount: self.labels.labels.count, truth: truth)
            }
            progress(frame.time)
        }
        exactReader.close()
        for (_, reader) in readers { reader.close() }
        await source.stop()
        try Task.checkCancellation()
        if let failure { throw failure }
    }
}
