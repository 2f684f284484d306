import GerundCore
import GerundEvents
public import GerundStream
import XCLIP

/// Gives one answer for a whole clip: the mean of all its windows' logits, by the same windows and the same engine
/// as continuous recognition.
public struct ClipClassifier: Sendable {
    private let engine: InferenceEngine
    private let labels: LabelSet
    private let plan: WindowPlan

    /// Encodes the labels.
    ///
    /// - Parameter plan: A clip that is shorter than its span is covered by one window of the clip's length.
    /// - Throws: ``ModelError`` `system` when the system has no thread for the engine; `CancellationError`.
    public init(model: RecognitionModel, labels: LabelSet, plan: WindowPlan) async throws {
        self.engine = try await InferenceEngine(model: model, labels: labels)
        self.labels = labels
        self.plan = plan
    }

    /// - Parameter open: Makes the clip's source for a distance of sampled frames; called again, twice at
    ///   most, for a short clip.
    /// - Throws: ``CaptureError`` when the clip can't be read or is too short; `CancellationError`.
    public func classify(_ open: (Duration) -> any FrameSource) async throws -> Classification {
        let first = open(self.plan.period)
        var (total, reach) = try await self.sum(first, self.plan)
        var plan = self.plan
        // How long a short clip is, its frame rate tells only nearly; the second time, its own frames do.
        for _ in 0..<2 where total.windows == 0 {
            // Spread the window's frames from the clip's first to its last.
            let span = reach * self.plan.frameCount / max(1, self.plan.frameCount - 1)
            guard span >= .milliseconds(self.plan.frameCount) else {
                throw CaptureError(
                    code: .notAVideo, source: first.id, message: "has a single frame: an action takes time to show")
            }
            plan = WindowPlan(frameCount: self.plan.frameCount, span: span)
            (total, reach) = try await self.sum(open(plan.period), plan)
        }
        guard total.windows > 0 else {
            throw CaptureError(
                code: .notAVideo, source: first.id, message: "has too few frames for a window of \(plan.frameCount)")
        }
        return self.answer(total, source: first.id, span: plan.span)
    }

    private struct Total {
        var logits: [Double]
        var windows = 0
    }

    /// - Returns: The sum over all windows, and the time from the clip's first to its last frame.
    private func sum(_ source: any FrameSource, _ plan: WindowPlan) async throws -> (Total, Duration) {
        var total = Total(logits: [Double](repeating: 0, count: self.labels.texts.count))
        var reader = WindowReader(engine: self.engine, plan: plan, mayBeFast: false)
        var (last, interval, failure) = (MediaTime.zero, Duration.zero, CaptureError?.none)
        let feed = source.start()
        while let item = await feed.next() {
            switch item {
            case .frame(let frame):
                last = frame.time
                guard let window = await reader.frameArrived(frame, feed, refresh: .all).window else { continue }
                for (index, logit) in window.logits.enumerated() { total.logits[index] += Double(logit) }
                total.windows += 1
            case .state(.opened(let description)):
                if let rate = description.frameRate, rate > 0 { interval = .seconds(1 / rate) }
            case .state(.failed(let error)): failure = error
            case .state, .dropped: break
            }
        }
        reader.close()
        let decoded = feed.metrics().decoded
        await source.stop()
        try Task.checkCancellation()
        // A clip that breaks off after some windows is answered for what could be read, as any player would show it.
        if let failure, total.windows == 0 { throw failure }
        // A sparse sample misses the clip's last frames, a dense one doesn't.
        let isSparse = plan == self.plan
        return (total, isSparse ? max(last - .zero, interval * max(0, decoded - 1)) : last - .zero)
    }

    private func answer(_ total: Total, source: SourceID, span: Duration) -> Classification {
        let means = total.logits.map { Float($0 / Double(total.windows)) }
        let scores = LabelScores(logits: means, labelCount: self.labels.labels.count)
        let answers = self.labels.labels.indices.map {
            Classification.Answer(label: self.labels.labels[$0], score: scores.scores[$0], share: scores.shares[$0])
        }
        let order = answers.indices.sorted {
            answers[$0].share != answers[$1].share ? answers[$0].share > answers[$1].share : $0 < $1
        }
        return Classification(source: source, answers: order.map { answers[$0] }, windows: total.windows, span: span)
    }
}
