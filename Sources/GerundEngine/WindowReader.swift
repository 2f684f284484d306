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
        /// `nil` while warming or between two windows.
        var window: Window?
    }

    private let engine: InferenceEngine
    private let source: InferenceEngine.SourceKey
    /// Windows of frames' numbers in the engine.
    private var assembler: WindowAssembler<Int>
    private var frameCount = 0

    /// - Parameter mayBeFast: Whether windows may be asked for with less than all rows.
    init(engine: InferenceEngine, plan: WindowPlan, mayBeFast: Bool) async {
        self.engine = engine
        self.source = await engine.open(frames: plan.keptFrames, mayBeFast: mayBeFast)
        self.assembler = WindowAssembler(plan: plan)
    }

    /// - Parameters:
    ///   - feed: Lends the frame's picture.
    ///   - vocabulary: What the window is compared with; `nil` for the engine's first labels.
    mutating func frameArrived(
        _ frame: CapturedFrame, _ feed: FrameFeed, refresh: Refresh, _ vocabulary: Vocabulary? = nil
    ) async -> Step {
        let step = self.assembler.frameArrived(frame, self.frameCount)
        let logits = await self.engine.recognize(
            InferenceEngine.Request(
                source: self.source, feed: feed, frame: self.frameCount, window: step.window, refresh: refresh,
                vocabulary: vocabulary))
        self.frameCount += 1
        return Step(isBreak: step.isBreak, window: step.window.map { Window(frames: $0, logits: logits) })
    }

    /// The exact logits of the latest window, where it was fast; windows to come are what they would have been.
    func exactLogits(of window: Window, _ vocabulary: Vocabulary) async -> [Float] {
        await self.engine.recognizeExactly(window.frames, of: self.source, vocabulary)
    }

    /// Frees what the engine keeps of the source.
    func close() async {
        await self.engine.close(self.source)
    }
}
