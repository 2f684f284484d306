import XCLIP

/// The timed work: one new frame per source, and the window that it completes, as the engine computes them.
struct BenchmarkWork {
    private let model: XCLIPModel
    private let text: TextFeatures
    private let refresh: RefreshPolicy
    private let workspace: ModelWorkspace
    private let caches: [FrameStateCache]
    /// The number of frames of each source so far.
    private var frameCount = 0

    /// Creates the work of sources without frames.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - text: The features of the labels.
    ///   - sources: The number of sources.
    ///   - refresh: The number of tokens of each older frame that are recomputed; `nil` for exact windows.
    init(model: XCLIPModel, text: TextFeatures, sources: Int, refresh: Int?) {
        self.model = model
        self.text = text
        self.refresh = refresh.map { .tokens($0) } ?? .all
        self.workspace = ModelWorkspace(model)
        self.caches = (0..<sources).map { _ in
            FrameStateCache(
                model, capacity: model.configuration.vision.frameCount + 1, cachesLayers: refresh != nil)
        }
    }

    /// Embeds the newest frame of each source.
    mutating func appendFrames(_ images: [[UInt8]]) {
        for (source, image) in images.enumerated() {
            self.model.stagePatches(
                fromRGB: image.span, normalization: .imageNet, at: source, count: images.count, in: self.workspace)
        }
        self.model.embedFrames(self.caches.map { $0.state(ofFrame: self.frameCount) }, in: self.workspace)
        self.frameCount += 1
    }

    /// Computes the newest frame and window of each source.
    ///
    /// - Parameter images: The newest frame of each source, in RGB.
    /// - Returns: The time of each stage, summed over all sources.
    mutating func step(_ images: [[UInt8]]) -> [BenchmarkReport.Stage: Duration] {
        let clock = ContinuousClock()
        let started = clock.now
        self.appendFrames(images)
        var (video, logits) = (Duration.zero, Duration.zero)
        let embedded = clock.now
        let frames = self.frameCount - self.model.configuration.vision.frameCount..<self.frameCount
        var rest = self.caches[...]
        while !rest.isEmpty {
            let began = clock.now
            let batch = rest.prefix(InferenceEngine.maximumWindowsPerBatch(self.refresh, self.model.configuration))
            rest = rest.dropFirst(batch.count)
            let windows = batch.map { cache in frames.map(cache.state(ofFrame:)) }
            let features = self.model.encodeVideos(windows, refresh: self.refresh, in: self.workspace)
            let encoded = clock.now
            _ = self.model.logitsPerVideo(features, self.text, in: self.workspace)
            video += encoded - began
            logits += clock.now - encoded
        }
        return [.frame: embedded - started, .video: video, .logits: logits, .window: clock.now - started]
    }
}
