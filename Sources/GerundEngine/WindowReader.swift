import GerundStream
import XCLIP

/// One source's way through an engine: from a sampled frame to the logits of the window that it completes.
///
/// The one place where frames become windows, whatever is made of them: watching and calibrating make events, comparing
/// makes differences, classifying makes a mean.
struct WindowReader {
    /// A window that was computed.
    struct Window {
        /// Its frames' numbers, oldest first.
        fileprivate var frames: [Int]
        /// Of the labels, then of the background phrases.
        var logits: [Float]
    }

    /// What a frame has brought.
    struct Step {
        /// The frame does not continue what was before it.
        var isBreak: Bool
        /// `nil` while warming or between two windows, and when the task was cancelled.
        var window: Window?
        /// Whether a window was due and given up because the next frame had come already.
        var isLate = false
    }

    private let engine: InferenceEngine
    private let plan: WindowPlan
    private let isLive: Bool
    private let source: InferenceEngine.SourceKey
    /// Windows of frames' numbers in the engine.
    private var assembler: WindowAssembler<Int>
    private var frameCount = 0

    /// - Parameters:
    ///   - mayBeFast: Whether windows may be asked for with less than all rows.
    ///   - isLive: Whether frames come at their own pace: then a window whose frame is not the newest any more is left
    ///     out in favour of the next.
    init(engine: InferenceEngine, plan: WindowPlan, mayBeFast: Bool, isLive: Bool = false) {
        self.engine = engine
        self.plan = plan
        self.isLive = isLive
        self.source = engine.open(frames: plan.keptFrames, mayBeFast: mayBeFast, isLive: isLive)
        self.assembler = WindowAssembler(plan: plan)
    }

    /// Whether a frame is one of those that are looked at. Each source has other ones, so that those which began
    /// together don't ask all at once.
    func wants(_ frame: CapturedFrame, rung: LoadLadder.Rung) -> Bool {
        (frame.slot + Int64(self.source.turn)).isMultiple(of: Int64(rung.frameDivisor))
    }

    /// - Parameters:
    ///   - feed: Lends the frame's picture.
    ///   - vocabulary: What the window is compared with; `nil` for the engine's first labels.
    ///   - rung: What is given up at present.
    mutating func frameArrived(
        _ frame: CapturedFrame, _ feed: FrameFeed, refresh: Refresh, _ vocabulary: Vocabulary? = nil,
        rung: LoadLadder.Rung = LoadLadder.Rung(isFast: false)
    ) async -> Step {
        let period = self.plan.period * rung.frameDivisor
        // Frames that come in a burst are not late: their windows are as good as any.
        let isLate = self.isLive && feed.metrics().depth > 0 && frame.arrival.duration(to: .now) > period
        let step = self.assembler.frameArrived(
            frame, self.frameCount, divisor: rung.windowDivisor, turn: self.source.turn, isWanted: !isLate)
        let logits = await self.engine.recognize(
            InferenceEngine.Request(
                source: self.source, feed: feed, frame: self.frameCount, window: step.window, refresh: refresh,
                vocabulary: vocabulary,
                haste: self.isLive
                    ? InferenceEngine.Haste(arrival: frame.arrival, period: period, isLate: step.isWindowLeftOut)
                    : nil))
        self.frameCount += 1
        let window = logits.isEmpty ? nil : step.window.map { Window(frames: $0, logits: logits) }
        return Step(isBreak: step.isBreak, window: window, isLate: step.isWindowLeftOut)
    }

    /// The exact logits of the latest window, where it was fast; windows to come are what they would have been.
    ///
    /// - Returns: Nothing when the task is cancelled.
    func exactLogits(of window: Window, _ vocabulary: Vocabulary) async -> [Float] {
        await self.engine.recognizeExactly(window.frames, of: self.source, vocabulary)
    }

    /// Frees what the engine keeps of the source.
    func close() {
        self.engine.close(self.source)
    }
}
