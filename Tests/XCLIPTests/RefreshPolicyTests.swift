import Foundation
import GerundTensor
import GerundTesting
import Testing
import XCLIP

/// A stream of overlapping windows, whose frame states are cached from one to the next as the engine does.
@Suite("RefreshPolicy")
struct RefreshPolicyTests {
    /// Batches of another size can round sums differently: about three times the largest relative difference, 3e-7.
    static let tolerance: Float = 1e-6

    let fixture: Fixture
    let model: XCLIPModel
    let text: TextFeatures
    let images: [[UInt8]]

    init() throws {
        self.fixture = try Fixture("tiny")
        self.model = try XCLIPModel(weights: fixture.weights(), configuration: fixture.configuration())
        self.text = try self.model.encodeText(try self.fixture.texts())
        let vision = self.model.configuration.vision
        self.images = (0..<3).flatMap { Fixture.video($0, vision) }
    }

    private var frameCount: Int { self.model.configuration.vision.frameCount }

    private func exact(windowEndingAt last: Int) -> [Float] {
        let frames = self.images[last - self.frameCount + 1...last].map {
            self.model.embedFrame(rgb: $0.span, normalization: .imageNet)
        }
        return self.model.logitsPerVideo(self.model.encodeVideo(frames), self.text)
    }

    /// The logits of every window of the stream, by the index of its last image.
    private func stream(_ refresh: RefreshPolicy, cachesLayers: Bool = true) -> [Int: [Float]] {
        let workspace = ModelWorkspace(self.model)
        let ring = (0..<self.frameCount + 1).map { _ in
            self.model.makeFrameState(cachesLayers: cachesLayers)
        }
        var logits: [Int: [Float]] = [:]
        for (number, rgb) in self.images.enumerated() {
            self.model.stagePatches(fromRGB: rgb.span, normalization: .imageNet, at: 0, count: 1, in: workspace)
            self.model.embedFrames([ring[number % ring.count]], in: workspace)
            guard number >= self.frameCount - 1 else { continue }
            let window = (number - self.frameCount + 1...number).map { ring[$0 % ring.count] }
            let video = self.model.encodeVideos([window], refresh: refresh, in: workspace)[0]
            logits[number] = self.model.logitsPerVideo(video, self.text)
        }
        return logits
    }

    @Test("Yields the exact result if all tokens are refreshed", arguments: [true, false])
    func allRows(cachesLayers: Bool) {
        for (last, logits) in self.stream(.all, cachesLayers: cachesLayers) {
            let difference = TensorDifference(logits, self.exact(windowEndingAt: last))
            #expect(difference.relative < Self.tolerance, "image \(last): \(difference)")
        }
    }

    @Test("Yields the exact result for as many tokens as a frame has, or more")
    func countOfAllRows() {
        #expect(self.stream(.tokens(self.model.configuration.vision.tokenCount)) == self.stream(.all))
        #expect(self.stream(.tokens(.max)) == self.stream(.all))
    }

    @Test("Encodes the first window exactly, whatever is refreshed", arguments: [0, 1, 3])
    func firstWindow(tokens: Int) throws {
        let first = self.frameCount - 1
        let logits = try #require(self.stream(.tokens(tokens))[first])
        #expect(TensorDifference(logits, self.exact(windowEndingAt: first)).relative < Self.tolerance)
    }

    @Test("Deviates less from the exact result the more tokens are refreshed")
    func error() {
        func error(_ refresh: RefreshPolicy) -> Float {
            self.stream(refresh).map { TensorDifference($0.value, self.exact(windowEndingAt: $0.key)).relative }
                .reduce(0, +)
        }
        let tokens = self.model.configuration.vision.tokenCount
        let errors = [0, 1, tokens - 1, tokens].map { error(.tokens($0)) }
        #expect(errors[0] > errors[1] && errors[1] > errors[2] && errors[2] > errors[3], "\(errors)")
        #expect(errors[1] > 1e-3, "the approximation can't be distinguished from the exact result: \(errors)")
    }

    @Test("Encodes a frame that occurs twice in a window as it encodes two equal frames")
    func repeatedFrame() {
        let workspace = ModelWorkspace(self.model)
        let states = self.images.prefix(self.frameCount).map {
            self.model.embedFrame(rgb: $0.span, normalization: .imageNet)
        }
        let again = self.images[2]
        let copy = self.model.embedFrame(rgb: again.span, normalization: .imageNet)
        var (same, equal) = (states, states)
        same[3] = states[2]
        equal[3] = copy
        let videos = [same, equal].map { self.model.encodeVideos([$0], refresh: .all, in: workspace)[0] }
        #expect(TensorDifference(videos[0].videoEmbeds, videos[1].videoEmbeds).relative < Self.tolerance)
    }

    @Test("Yields the same logits whatever other windows are in the batch", arguments: [RefreshPolicy.tokens(1), .all])
    func batch(refresh: RefreshPolicy) {
        let workspace = ModelWorkspace(self.model)
        let rings = (0..<3).map { _ in
            (0..<self.frameCount + 1).map { _ in self.model.makeFrameState(cachesLayers: true) }
        }
        // Source s gets the same images, s images later.
        let count = self.images.count
        let alone = self.stream(refresh)
        for number in 0..<count {
            for source in rings.indices {
                let rgb = self.images[(number + count - source) % count]
                self.model.stagePatches(
                    fromRGB: rgb.span, normalization: .imageNet, at: source, count: rings.count, in: workspace)
            }
            self.model.embedFrames(rings.map { $0[number % $0.count] }, in: workspace)
            guard number >= self.frameCount - 1 else { continue }
            let windows = rings.map { ring in
                (number - self.frameCount + 1...number).map { ring[$0 % ring.count] }
            }
            let videos = self.model.encodeVideos(windows, refresh: refresh, in: workspace)
            let logits = self.model.logitsPerVideo(videos[0], self.text)
            let difference = TensorDifference(logits, alone[number] ?? [])
            #expect(difference.relative < Self.tolerance, "image \(number): \(difference)")
        }
    }

    @Test("Needs less than 40 MB per source at full size, and half the memory for layers in bfloat16")
    func memory() {
        let configuration = XCLIPConfiguration.basePatch32
        let bytes = [ElementType.float32, .bfloat16].map { elementType in
            let state = FrameState(configuration, cachesLayers: true, elementType: elementType)
            return state.byteCount * (configuration.vision.frameCount + 1)
        }
        #expect(bytes[0] < 40_000_000, "\(bytes)")
        let layers = 10 * 50 * 2 * 768 * 9
        #expect(bytes[0] - bytes[1] == layers * 2, "\(bytes)")
    }

    @Test(
        "Reproduces the exact result when unchanged frames are refreshed, in every precision",
        arguments: Precision.allCases)
    func unchanged(precision: Precision) throws {
        guard let backend = ComputeBackend.fastest(precision, threads: 3) else {
            try Test.cancel("this processor or build doesn't support \(precision)")
        }
        // Five layers cache the keys and values of three; as wide as the published model, so that threads share them.
        let sizes = """
            {"model_type": "xclip", "prompt_layers": 1, "text_config": {"vocab_size": 64, "num_hidden_layers": 1},
             "vision_config": {"num_hidden_layers": 5}}
            """
        let configuration = try XCLIPConfiguration(json: jsonObject(sizes))
        let model = try XCLIPModel(weights: SyntheticWeights(), configuration: configuration, backend: backend)
        let workspace = ModelWorkspace(model)
        let window = Fixture.video(1, configuration.vision).map { rgb in
            let state = model.makeFrameState(cachesLayers: true)
            model.stagePatches(fromRGB: rgb.span, normalization: .imageNet, at: 0, count: 1, in: workspace)
            model.embedFrames([state], in: workspace)
            return state
        }
        func video(_ refresh: RefreshPolicy) -> [Float] {
            model.encodeVideos([window], refresh: refresh, in: workspace)[0].videoEmbeds
        }
        let exact = video(.all)
        for tokens in [1, 2, 5, 20] {
            let difference = TensorDifference(video(.tokens(tokens)), exact)
            // About three times the largest difference, 5e-7 and 3.7e-3: a batch of other rows quantizes differently.
            let tolerance: Float = precision == .f32 ? 1.5e-6 : 1.1e-2
            #expect(difference.relative < tolerance, "\(tokens) tokens: \(difference)")
        }
    }
}
