import Foundation
import GerundTensor
import GerundTesting
import Testing
import XCLIP

/// A stream through windows that overlap, its frames' states kept from one to the next as the engine keeps them.
@Suite("A stream whose frames keep their layers")
struct RefreshTests {
    /// Sums of other numbers of rows may be rounded otherwise.
    static let tolerance: Float = 1e-5

    let fixture: Fixture
    let model: XCLIPModel
    let text: TextFeatures
    let pictures: [[UInt8]]

    init() throws {
        self.fixture = try Fixture("tiny")
        self.model = try XCLIPModel(weights: fixture.weights(), configuration: fixture.configuration())
        self.text = try self.model.encodeText(try self.fixture.texts())
        let vision = self.model.configuration.vision
        self.pictures = (0..<3).flatMap { Fixture.video($0, vision) }
    }

    private var frameCount: Int { self.model.configuration.vision.frameCount }

    private func exact(windowEndingAt last: Int) -> [Float] {
        let frames = self.pictures[last - self.frameCount + 1...last].map {
            self.model.embedFrame(rgb: $0.span, normalization: .imageNet)
        }
        return self.model.logitsPerVideo(self.model.encodeVideo(frames), self.text)
    }

    /// The logits of every window of the stream, by the picture that ends it.
    private func stream(_ refresh: Refresh, keepsLayers: Bool = true) -> [Int: [Float]] {
        let workspace = ModelWorkspace(self.model)
        let ring = (0..<self.frameCount + 1).map { _ in
            self.model.makeFrameState(keepsLayers: keepsLayers)
        }
        var logits: [Int: [Float]] = [:]
        for (number, rgb) in self.pictures.enumerated() {
            self.model.take(rgb: rgb.span, normalization: .imageNet, as: 0, of: 1, workspace)
            self.model.embed([ring[number % ring.count]], workspace)
            guard number >= self.frameCount - 1 else { continue }
            let window = (number - self.frameCount + 1...number).map { ring[$0 % ring.count] }
            let video = self.model.encode([window], refresh: refresh, workspace)[0]
            logits[number] = self.model.logitsPerVideo(video, self.text)
        }
        return logits
    }

    @Test("gives the exact result when all rows are refreshed", arguments: [true, false])
    func allRows(keepsLayers: Bool) {
        for (last, logits) in self.stream(.all, keepsLayers: keepsLayers) {
            let difference = TensorDifference(logits, self.exact(windowEndingAt: last))
            #expect(difference.relative < Self.tolerance, "picture \(last): \(difference)")
        }
    }

    @Test("gives the exact result when as many rows are refreshed as there are")
    func countOfAllRows() {
        #expect(self.stream(.rows(self.model.configuration.vision.tokenCount)) == self.stream(.all))
        #expect(self.stream(.rows(.max)) == self.stream(.all))
    }

    @Test("begins with an exact window, whatever is refreshed", arguments: [0, 1, 3])
    func firstWindow(rows: Int) throws {
        let first = self.frameCount - 1
        let logits = try #require(self.stream(.rows(rows))[first])
        #expect(TensorDifference(logits, self.exact(windowEndingAt: first)).relative < Self.tolerance)
    }

    @Test("strays further from exact windows the less is refreshed")
    func error() {
        func error(_ refresh: Refresh) -> Float {
            self.stream(refresh).map { TensorDifference($0.value, self.exact(windowEndingAt: $0.key)).relative }
                .reduce(0, +)
        }
        let tokens = self.model.configuration.vision.tokenCount
        let errors = [0, 1, tokens - 1, tokens].map { error(.rows($0)) }
        #expect(errors[0] > errors[1] && errors[1] > errors[2] && errors[2] > errors[3], "\(errors)")
        #expect(errors[1] > 1e-3, "an approximation that can't be told from the exact result: \(errors)")
    }

    @Test("computes a frame that stands in several places of a window once, and alike")
    func repeatedFrame() {
        let workspace = ModelWorkspace(self.model)
        let states = self.pictures.prefix(self.frameCount).map {
            self.model.embedFrame(rgb: $0.span, normalization: .imageNet)
        }
        let again = self.pictures[2]
        let copy = self.model.embedFrame(rgb: again.span, normalization: .imageNet)
        var (same, equal) = (states, states)
        same[3] = states[2]
        equal[3] = copy
        let videos = [same, equal].map { self.model.encode([$0], refresh: .all, workspace)[0] }
        #expect(TensorDifference(videos[0].embedding, videos[1].embedding).relative < Self.tolerance)
    }

    @Test("is not changed by other sources' windows in the same pass", arguments: [Refresh.rows(1), .all])
    func batch(refresh: Refresh) {
        let workspace = ModelWorkspace(self.model)
        let rings = (0..<3).map { _ in
            (0..<self.frameCount + 1).map { _ in self.model.makeFrameState(keepsLayers: true) }
        }
        // Source s sees the same pictures, s pictures later.
        let count = self.pictures.count
        let alone = self.stream(refresh)
        for number in 0..<count {
            for source in rings.indices {
                let rgb = self.pictures[(number + count - source) % count]
                self.model.take(
                    rgb: rgb.span, normalization: .imageNet, as: source, of: rings.count, workspace)
            }
            self.model.embed(rings.map { $0[number % $0.count] }, workspace)
            guard number >= self.frameCount - 1 else { continue }
            let windows = rings.map { ring in
                (number - self.frameCount + 1...number).map { ring[$0 % ring.count] }
            }
            let videos = self.model.encode(windows, refresh: refresh, workspace)
            let logits = self.model.logitsPerVideo(videos[0], self.text)
            let difference = TensorDifference(logits, alone[number] ?? [])
            #expect(difference.relative < Self.tolerance, "picture \(number): \(difference)")
        }
    }

    @Test("keeps less than 40 MB of a source at full size, a half of the layers' part in bfloat16")
    func memory() {
        let configuration = Configuration.basePatch32
        let bytes = [NumberFormat.f32, .bf16].map { format in
            let state = FrameState(configuration, keepsLayers: true, format: format)
            return state.byteCount * (configuration.vision.frameCount + 1)
        }
        #expect(bytes[0] < 40_000_000, "\(bytes)")
        let layers = 10 * 50 * 2 * 768 * 9
        #expect(bytes[0] - bytes[1] == layers * 2, "\(bytes)")
    }

    @Test("refreshes what is unchanged to what it was, in every precision", arguments: Precision.allCases)
    func unchanged(precision: Precision) throws {
        guard let backend = ComputeBackend.fastest(precision, threads: 3) else { return }  // this machine has none
        // Five layers keep the rows of three; as wide as the published model, so that the threads share them out.
        let sizes = """
            {"model_type": "xclip", "prompt_layers": 1, "text_config": {"vocab_size": 64, "num_hidden_layers": 1},
             "vision_config": {"num_hidden_layers": 5}}
            """
        let configuration = try Configuration(json: Data(sizes.utf8))
        let model = try XCLIPModel(weights: GeneratedWeights(), configuration: configuration, backend: backend)
        let workspace = ModelWorkspace(model)
        let window = Fixture.video(1, configuration.vision).map { rgb in
            let state = model.makeFrameState(keepsLayers: true)
            model.take(rgb: rgb.span, normalization: .imageNet, as: 0, of: 1, workspace)
            model.embed([state], workspace)
            return state
        }
        func video(_ refresh: Refresh) -> [Float] { model.encode([window], refresh: refresh, workspace)[0].embedding }
        let exact = video(.all)
        for rows in [1, 2, 5, 20] {
            let difference = TensorDifference(video(.rows(rows)), exact)
            let tolerance: Float = precision == .f32 ? 1e-5 : 2e-2
            #expect(difference.relative < tolerance, "\(rows) rows: \(difference)")
        }
    }
}
