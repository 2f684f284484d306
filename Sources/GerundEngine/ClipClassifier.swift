import GerundCore
import GerundEvents
public import GerundStream
import XCLIP

/// Classifies whole clips: averages the logits of all windows of a clip, with the same windows and the same engine as
/// continuous recognition.
public struct ClipClassifier: Sendable {
    private let engine: InferenceEngine
    private let labels: LabelSet
    private let plan: SamplingPlan

    /// Creates a classifier and encodes the labels.
    ///
    /// - Parameters:
    ///   - model: The loaded model.
    ///   - labels: The labels and background phrases.
    ///   - plan: The length and spacing of the windows. A clip that is shorter than a window is covered by one window
    ///     of the clip's length.
    /// - Throws: ``ModelError`` if the plan doesn't fit the model or no thread can be created for the engine;
    ///   `CancellationError`.
    public init(model: RecognitionModel, labels: LabelSet, plan: SamplingPlan) async throws {
        try model.validate(plan, mode: .exact)
        self.engine = try await InferenceEngine(model: model, labels: labels)
        self.labels = labels
        self.plan = plan
    }

    /// Classifies a clip.
    ///
    /// - Parameter open: Returns the clip's source for a sampling interval. It is called up to three times for a clip
    ///   that is shorter than a window.
    /// - Returns: The predictions of all labels.
    /// - Throws: ``CaptureError`` if the clip can't be read or is too short; `CancellationError`.
    public func classify(_ open: (Duration) -> any FrameSource) async throws -> Classification {
        let first = open(self.plan.samplingInterval)
        var (total, reach) = try await self.sum(first, self.plan)
        var plan = self.plan
        // The frame rate gives the length of a short clip approximately, its own frames exactly.
        for _ in 0..<2 where total.windows == 0 {
            // Spreads the window's frames from the clip's first to its last.
            let duration = reach * self.plan.frameCount / max(1, self.plan.frameCount - 1)
            guard reach > .zero else {
                throw CaptureError(code: .invalidData, source: first.id, message: "the clip has only one frame")
            }
            do {
                plan = try SamplingPlan(frameCount: self.plan.frameCount, windowDuration: duration)
            } catch {
                throw CaptureError(
                    code: .invalidData, source: first.id, message: "the clip doesn't fill a window: \(error.message)")
            }
            (total, reach) = try await self.sum(open(plan.samplingInterval), plan)
        }
        guard total.windows > 0 else {
            throw CaptureError(
                code: .invalidData, source: first.id,
                message: "the clip has too few frames for a window of \(plan.frameCount)")
        }
        return self.classification(total, source: first.id, windowDuration: plan.windowDuration)
    }

    private struct Total {
        var logits: [Double]
        var windows = 0
    }

    /// Adds up the logits of all windows of a source.
    ///
    /// - Returns: The sum, and the time from the clip's first to its last frame.
    private func sum(_ source: any FrameSource, _ plan: SamplingPlan) async throws -> (Total, Duration) {
        var total = Total(logits: [Double](repeating: 0, count: self.labels.texts.count))
        var pipeline = WindowPipeline(engine: self.engine, plan: plan, cachesLayers: false)
        var (last, interval, failure) = (MediaTime.zero, Duration.zero, CaptureError?.none)
        let feed = source.start()
        do {
            try self.engine.validate(feed, of: source.id)
        } catch {
            await source.stop()
            throw error
        }
        while let item = await feed.next() {
            switch item {
            case .frame(let frame):
                last = frame.time
                guard let window = await pipeline.frameArrived(frame, feed, refresh: .all).window else { continue }
                for (index, logit) in window.logits.enumerated() { total.logits[index] += Double(logit) }
                total.windows += 1
            case .state(.connected(let description)):
                if let rate = description.frameRate, rate > 0 { interval = .seconds(1 / rate) }
            case .state(.failed(let error)): failure = error
            case .state, .dropped: break
            }
        }
        pipeline.close()
        let decoded = feed.metrics().decoded
        await source.stop()
        try Task.checkCancellation()
        // A clip that breaks off after some windows is classified by those, as a player would show them.
        if let failure, total.windows == 0 { throw failure }
        // The plan's sampling can miss the clip's last frames; the denser sampling of a short clip doesn't.
        let isSparse = plan == self.plan
        return (total, isSparse ? max(last - .zero, interval * max(0, decoded - 1)) : last - .zero)
    }

    private func classification(_ total: Total, source: SourceID, windowDuration: Duration) -> Classification {
        let means = total.logits.map { Float($0 / Double(total.windows)) }
        let scores = LabelScores(logits: means, labelCount: self.labels.labels.count)
        let predictions = self.labels.labels.indices.map {
            Classification.Prediction(
                label: self.labels.labels[$0], score: scores.scores[$0], probability: scores.probabilities[$0])
        }
        let order = predictions.indices.sorted {
            predictions[$0].probability != predictions[$1].probability
                ? predictions[$0].probability > predictions[$1].probability : $0 < $1
        }
        return Classification(
            source: source, predictions: order.map { predictions[$0] }, windows: total.windows,
            windowDuration: windowDuration)
    }
}
