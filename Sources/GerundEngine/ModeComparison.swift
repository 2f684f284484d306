public import GerundCore
public import GerundStream
public import GerundTensor
import XCLIP

/// Computes every window of some videos exactly in float32 and in other variants, with the pipeline of recognition, and
/// measures the differences.
public struct ModeComparison: Sendable {
    /// A variant of computing windows.
    public struct Variant: Sendable, Hashable {
        /// The precision of the matrix multiplications.
        public var precision: Precision
        /// The number of tokens of each older frame that are recomputed; `Int.max` for all.
        public var refresh: Int

        /// Creates a variant.
        ///
        /// - Parameters:
        ///   - precision: The precision of the matrix multiplications.
        ///   - refresh: The number of tokens of each older frame that are recomputed; `Int.max` for all.
        public init(precision: Precision, refresh: Int) {
            self.precision = precision
            self.refresh = refresh
        }
    }

    /// The measurements of one variant.
    public struct Result: Sendable {
        /// The variant.
        public var variant: Variant
        /// The statistics of the variant's differences from exact windows in float32.
        public var statistics: ComparisonStatistics
    }

    private let labels: LabelSet
    private let plan: SamplingPlan
    /// The engine of the float32 reference, and that of the variants: the same one if those are in float32 too.
    private let reference, engine: InferenceEngine
    private var statistics: [Variant: ComparisonStatistics] = [:]
    /// The variants in the order of the request.
    private let variants: [Variant]

    /// Creates a comparison and encodes the labels.
    ///
    /// - Parameters:
    ///   - model: The loaded model in float32.
    ///   - other: The same model in another precision; `nil` to compare variants in float32.
    ///   - labels: The labels and background phrases.
    ///   - plan: The length and spacing of the windows.
    ///   - refreshes: The numbers of refreshed tokens to compare, each once. With another precision, its exact windows
    ///     are compared too.
    /// - Throws: ``ModelError`` if the plan doesn't fit the model or no thread can be created for an engine;
    ///   `CancellationError`.
    public init(
        model: RecognitionModel, other: RecognitionModel?, labels: LabelSet, plan: SamplingPlan, refreshes: [Int]
    ) async throws {
        if let refresh = refreshes.first(where: { $0 < 0 }) {
            throw ModelError(
                code: .invalidSetting, message: "the number of refreshed tokens must be 0 or more, not \(refresh)")
        }
        try model.validate(plan, mode: .fast)
        try other?.validate(plan, mode: .fast)
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
        self.variants = (refreshes + exact).map { Variant(precision: precision, refresh: $0) }
        for variant in self.variants { self.statistics[variant] = ComparisonStatistics() }
    }

    /// The measurements of each variant so far.
    public var results: [Result] {
        self.variants.map { Result(variant: $0, statistics: self.statistics[$0] ?? ComparisonStatistics()) }
    }

    /// Compares all windows of a source.
    ///
    /// - Parameters:
    ///   - source: The source.
    ///   - groundTruth: The true labels of the source, if they are known.
    ///   - duration: The part of the source to compare, in media time from its start; `nil` for all.
    ///   - progress: Called with the media time of each compared frame.
    /// - Throws: ``CaptureError`` if the source can't be read; `CancellationError`.
    public mutating func compare(
        _ source: any FrameSource, groundTruth: GroundTruth?, duration: Duration?,
        progress: @Sendable (MediaTime) -> Void
    ) async throws {
        let texts = self.labels.texts
        var exactPipeline = WindowPipeline(engine: self.reference, plan: self.plan, cachesLayers: false)
        var pipelines: [(variant: Variant, pipeline: WindowPipeline)] = []
        for variant in self.variants {
            let pipeline = WindowPipeline(
                engine: self.engine, plan: self.plan, cachesLayers: variant.refresh != .max)
            pipelines.append((variant, pipeline))
        }
        var failure: CaptureError?
        let feed = source.start()
        do {
            try self.reference.validate(feed, of: source.id)
            try self.engine.validate(feed, of: source.id)
        } catch {
            await source.stop()
            throw error
        }
        while !Task.isCancelled, let item = await feed.next() {
            if case .state(.failed(let error)) = item { failure = error }
            guard case .frame(let frame) = item else { continue }
            if let duration, frame.time - .zero >= duration { break }
            let exact = await exactPipeline.frameArrived(frame, feed, refresh: .all).window
            let first = frame.time.seconds - self.plan.windowExtent / .seconds(1)
            let truth = groundTruth?.label(from: first, to: frame.time.seconds).flatMap { texts.firstIndex(of: $0) }
            for index in pipelines.indices {
                let variant = pipelines[index].variant
                let window = await pipelines[index].pipeline.frameArrived(
                    frame, feed, refresh: .tokens(variant.refresh)
                ).window
                guard let exact, let window else { continue }
                self.statistics[variant]?.add(
                    exact: exact.logits, approximate: window.logits, labelCount: self.labels.labels.count,
                    truth: truth)
            }
            progress(frame.time)
        }
        exactPipeline.close()
        for (_, pipeline) in pipelines { pipeline.close() }
        await source.stop()
        try Task.checkCancellation()
        if let failure { throw failure }
    }
}
