import XCLIP

/// What is timed: one new frame for every source, and the window that it completes, as the engine computes them.
struct BenchmarkWork {
    private let model: XCLIPModel
    private let text: TextFeatures
    private let refresh: Refresh
    private let workspace: ModelWorkspace
    private let caches: [FrameStateCache]
    /// Frames that each source has had.
    private var frameCount = 0

    /// - Parameter refresh: How many rows of each older frame are computed anew; `nil` for exact windows.
    init(model: XCLIPModel, text: TextFeatures, sources: Int, refresh: Int?) {
        self.model = model
        self.text = text
        self.refresh = refresh.map { .rows($0) } ?? .all
        self.workspace = ModelWorkspace(model)
        self.caches = (0..<sources).map { _ in
            FrameStateCache(
                model, capacity: model.configuration.vision.frameCount + 1, keepsLayers: refresh != nil)
        }
    }

    /// Takes up the newest frame of each source.
    mutating func warmUp(_ pictures: [[UInt8]]) {
        for (source, picture) in pictures.enumerated() {
            self.model.take(
                rgb: picture.span, normalization: .imageNet, as: source, of: pictures.count, self.workspace)
        }
        self.model.embed(self.caches.map { $0.state(ofFrame: self.frameCount) }, self.workspace)
        self.frameCount += 1
    }

    /// - Parameter pictures: The newest frame of each source.
    /// - Returns: How long each part took, over all sources.
    mutating func step(_ pictures: [[UInt8]]) -> [BenchmarkReport.Stage: Duration] {
        let clock = ContinuousClock()
        let started = clock.now
        self.warmUp(pictures)
        var (video, logits) = (Duration.zero, Duration.zero)
        let embedded = clock.now
        let frames = self.frameCount - self.model.configuration.vision.frameCount..<self.frameCount
        var rest = self.caches[...]
        while !rest.isEmpty {
            let began = clock.now
            let pass = rest.prefix(InferenceEngine.windowsOfPass(self.refresh, self.model.configuration))
            rest = rest.dropFirst(pass.count)
            let windows = pass.map { cache in frames.map(cache.state(ofFrame:)) }
            let features = self.model.encode(windows, refresh: self.refresh, self.workspace)
            let encoded = clock.now
            _ = self.model.logitsPerVideo(features, self.text, self.workspace)
            video += encoded - began
            logits += clock.now - encoded
        }
        return [.frame: embedded - started, .video: video, .logits: logits, .window: clock.now - started]
    }
}
