import GerundStream
import XCLIP

/// The path of one source through an engine: from a sampled frame to the logits of the window that it completes.
///
/// All windows are made here. Watching and calibrating derive events from them, comparing derives differences, and
/// classifying derives a mean.
struct WindowPipeline {
    /// A computed window.
    struct Window {
        /// The indices of the window's frames in the engine, oldest first.
        fileprivate var frames: [Int]
        /// The logits of the labels, followed by those of the background phrases.
        var logits: [Float]
    }

    /// The result of processing a frame.
    struct Output {
        /// A Boolean value that indicates whether the frame doesn't continue the frames before it.
        var isDiscontinuity: Bool
        /// The window that the frame completes; `nil` while warming up, between two windows, and if the task was
        /// cancelled.
        var window: Window?
        /// A Boolean value that indicates whether a due window was skipped because a newer frame had already arrived.
        var wasWindowSkipped = false
    }

    private let engine: InferenceEngine
    private let plan: SamplingPlan
    private let isLive: Bool
    private let source: InferenceEngine.SourceHandle
    /// Assembles windows of the frames' indices in the engine.
    private var assembler: WindowAssembler<Int>
    private var frameCount = 0

    /// Creates the pipeline of one source and registers the source with the engine.
    ///
    /// - Parameters:
    ///   - engine: The engine that computes the windows.
    ///   - plan: The length and spacing of the windows.
    ///   - cachesLayers: Whether windows may be requested with less than all tokens refreshed.
    ///   - isLive: Whether frames arrive at their own pace. Then a window is skipped in favor of the next one if its
    ///     frame is no longer the newest.
    init(engine: InferenceEngine, plan: SamplingPlan, cachesLayers: Bool, isLive: Bool = false) {
        self.engine = engine
        self.plan = plan
        self.isLive = isLive
        self.source = engine.register(
            frameCapacity: plan.frameCapacity, cachesLayers: cachesLayers, isLive: isLive)
        self.assembler = WindowAssembler(plan: plan)
    }

    /// Returns whether a frame is among those that the service level processes.
    ///
    /// The phase differs between sources, so that sources that started together don't all send requests at the same
    /// time.
    func shouldProcess(_ frame: CapturedFrame, level: ServiceLevel) -> Bool {
        (frame.tick + Int64(self.source.phase)).isMultiple(of: Int64(level.frameDecimation))
    }

    /// Computes a frame and, if it completes one, its window.
    ///
    /// - Parameters:
    ///   - frame: The frame that the feed delivered last.
    ///   - feed: The feed, whose consumer holds the slot with the frame's pixels.
    ///   - refresh: The part of the older frames that is recomputed.
    ///   - labels: The labels that the window is compared with; `nil` for the engine's first labels.
    ///   - level: The current service level.
    /// - Returns: The result, with the computed window if one was due.
    mutating func frameArrived(
        _ frame: CapturedFrame, _ feed: FrameFeed, refresh: RefreshPolicy, labels: LabelEmbeddings? = nil,
        level: ServiceLevel = ServiceLevel(mode: .exact)
    ) async -> Output {
        let frameInterval = self.plan.samplingInterval * level.frameDecimation
        // Frames that arrive in a burst aren't late: their windows are as recent as any.
        let isLate = self.isLive && feed.metrics().depth > 0 && frame.arrival.duration(to: .now) > frameInterval
        let step = self.assembler.frameArrived(
            frame, self.frameCount, decimation: level.windowDecimation, offset: self.source.phase, isWanted: !isLate)
        let logits = await self.engine.recognize(
            InferenceEngine.Input(
                source: self.source, feed: feed, frame: self.frameCount, window: step.window, refresh: refresh,
                labels: labels,
                latency: self.isLive
                    ? InferenceEngine.LatencySample(
                        arrival: frame.arrival, frameInterval: frameInterval, wasWindowSkipped: step.isWindowSkipped)
                    : nil))
        self.frameCount += 1
        let window = logits.isEmpty ? nil : step.window.map { Window(frames: $0, logits: logits) }
        return Output(
            isDiscontinuity: step.isDiscontinuity, window: window, wasWindowSkipped: step.isWindowSkipped)
    }

    /// Recomputes the latest window exactly.
    ///
    /// This doesn't affect later windows.
    ///
    /// - Returns: The logits; empty if the task is cancelled.
    func exactLogits(of window: Window, labels: LabelEmbeddings) async -> [Float] {
        await self.engine.recomputeExactly(window.frames, of: self.source, labels: labels)
    }

    /// Unregisters the source, which frees its frame states.
    func close() {
        self.engine.unregister(self.source)
    }
}
