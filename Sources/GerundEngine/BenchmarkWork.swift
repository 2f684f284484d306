import XCLIP

/// What is timed: one new frame for every source, and the window that it completes.
///
/// One type for each way to compute a window.
protocol BenchmarkWork {
    /// - Parameter pictures: The newest frame of each source.
    /// - Returns: How long each part took, over all sources.
    mutating func step(_ pictures: [[UInt8]]) -> [BenchmarkReport.Stage: Duration]
}

/// Every window from scratch but for what depends on one frame alone: the published model.
struct ExactBenchmarkWork: BenchmarkWork {
    private let model: XCLIPModel
    private let text: TextFeatures
    /// The window of each source, oldest frame first.
    private var windows: [[FrameEmbedding]]

    init(model: XCLIPModel, text: TextFeatures, windows: [[[UInt8]]]) {
        self.model = model
        self.text = text
        self.windows = windows.map { pictures in
            pictures.map { model.embedFrame(rgb: $0.span, normalization: .imageNet) }
        }
    }

    mutating func step(_ pictures: [[UInt8]]) -> [BenchmarkReport.Stage: Duration] {
        let clock = ContinuousClock()
        var (frame, video, logits) = (Duration.zero, Duration.zero, Duration.zero)
        let started = clock.now
        for (source, picture) in pictures.enumerated() {
            let drawn = clock.now
            let newest = self.model.embedFrame(rgb: picture.span, normalization: .imageNet)
            self.windows[source] = self.windows[source].dropFirst() + [newest]
            let embedded = clock.now
            let features = self.model.encodeVideo(self.windows[source])
            let encoded = clock.now
            _ = self.model.logitsPerVideo(features, self.text)
            frame += embedded - drawn
            video += encoded - embedded
            logits += clock.now - encoded
        }
        return [.frame: frame, .video: video, .logits: logits, .window: clock.now - started]
    }
}
