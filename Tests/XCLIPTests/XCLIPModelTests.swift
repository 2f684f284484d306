import Foundation
import GerundCheckpoint
import GerundTensor
import GerundTesting
import Testing
import XCLIP

@Suite("XCLIPModel")
struct XCLIPModelTests {
    /// float32 rounding through a few layers, relative to the largest value: about three times the largest difference,
    /// 3.7e-7.
    static let tolerance: Float = 1.2e-6

    let fixture: Fixture
    let model: XCLIPModel
    let frames: [FrameState]

    init() throws {
        self.fixture = try Fixture("tiny")
        self.model = try XCLIPModel(weights: fixture.weights(), configuration: fixture.configuration())
        self.frames = Self.frames(of: model, video: 0)
    }

    static func frames(of model: XCLIPModel, video: Int) -> [FrameState] {
        Fixture.video(video, model.configuration.vision).map {
            model.embedFrame(rgb: $0.span, normalization: .imageNet)
        }
    }

    @Test("Permutes the frames' features with the frames, and changes the video's embedding")
    func permutation() {
        let order = [3, 0, 7, 5, 1, 6, 2, 4]
        let straight = self.model.encodeVideo(self.frames)
        let permuted = self.model.encodeVideo(order.map { self.frames[$0] })
        let (rows, moved) = (straight.classFeatures.view, permuted.classFeatures.view)
        for (position, original) in order.enumerated() {
            let difference = TensorDifference(
                moved.rows(position..<position + 1).elements, rows.rows(original..<original + 1).elements)
            #expect(difference.relative < Self.tolerance, "frame \(original): \(difference)")
        }
        // The multi-frame integration depends on the order: its positions are learned.
        #expect(TensorDifference(permuted.videoEmbeds, straight.videoEmbeds).relative > 1e-3)
    }

    @Test("Computes features of a frame that depend on the other frames of its window")
    func crossFrameAttention() {
        var others = Self.frames(of: self.model, video: 1)
        others[2] = self.frames[2]
        let width = self.model.configuration.projectionSize
        let alone = self.model.encodeVideo(self.frames).classFeatures.elements[2 * width..<3 * width]
        let among = self.model.encodeVideo(others).classFeatures.elements[2 * width..<3 * width]
        #expect(TensorDifference(Array(alone), Array(among)).relative > 1e-3)
    }

    @Test("Computes a text's logit independently of the other texts")
    func textsAreIndependent() throws {
        let texts = try self.fixture.texts()
        let video = self.model.encodeVideo(self.frames)
        let together = try self.model.logitsPerVideo(video, self.model.encodeText(texts))
        let apart = try texts.map { try self.model.logitsPerVideo(video, self.model.encodeText([$0]))[0] }
        let reversed = try self.model.logitsPerVideo(video, self.model.encodeText(texts.reversed()))
        #expect(TensorDifference(apart, together).relative < Self.tolerance)
        #expect(TensorDifference(reversed.reversed(), together).relative < Self.tolerance)
    }

    @Test("Computes the same features for texts that are added one at a time")
    func appending() throws {
        let texts = try self.fixture.texts()
        var features = try self.model.encodeText([])
        for text in texts { features = try features.appending(self.model.encodeText([text])) }
        #expect(features.count == texts.count)
        let difference = TensorDifference(features.matrix.elements, try self.model.encodeText(texts).matrix.elements)
        #expect(difference.relative < Self.tolerance, "\(difference)")
    }

    @Test("Ignores tokens after the end of a text")
    func padding() throws {
        let texts = try self.fixture.texts()
        let end = try #require(texts[0].last)
        let padded = texts.map { $0 + [end, 0, end, 3] }
        #expect(try self.model.encodeText(padded).matrix.elements == self.model.encodeText(texts).matrix.elements)
    }

    @Test("Encodes more texts than fit one batch, or one pass through the layers")
    func manyTexts() throws {
        let texts = try self.fixture.texts()
        let count = 2000  // of about six tokens
        let many = (0..<count).map { texts[$0 % texts.count] }
        let video = self.model.encodeVideo(self.frames)
        let few = try self.model.logitsPerVideo(video, self.model.encodeText(texts))
        let logits = try self.model.logitsPerVideo(video, self.model.encodeText(many))
        let difference = TensorDifference(logits, (0..<count).map { few[$0 % texts.count] })
        #expect(difference.relative < Self.tolerance, "\(difference)")
    }

    @Test("Computes the same logits for windows of one batch as for each alone")
    func severalWindows() throws {
        let windows = [1, 0].map { Self.frames(of: self.model, video: $0) }
        // More texts than are prompted together for two videos.
        let texts = try self.fixture.texts()
        let text = try self.model.encodeText((0..<300).map { texts[$0 % texts.count] })
        let workspace = ModelWorkspace(self.model)
        let videos = self.model.encodeVideos(windows, refresh: .all, in: workspace)
        let together = self.model.logitsPerVideo(videos, text, in: workspace)
        #expect(together.count == 2)
        for (window, logits) in zip(windows, together) {
            let alone = self.model.logitsPerVideo(self.model.encodeVideo(window), text)
            let difference = TensorDifference(logits, alone)
            #expect(difference.relative < Self.tolerance, "\(difference)")
        }
        #expect(TensorDifference(together[0], together[1]).relative > 1e-3)
        #expect(self.model.logitsPerVideo([], text, in: workspace).isEmpty)
    }

    @Test("Keeps the features of a window intact while the same workspace encodes other windows")
    func heldFeatures() throws {
        let text = try self.model.encodeText(try self.fixture.texts())
        let workspace = ModelWorkspace(self.model)
        func encode(_ videos: [Int]) -> [VideoFeatures] {
            self.model.encodeVideos(videos.map { Self.frames(of: self.model, video: $0) }, refresh: .all, in: workspace)
        }
        func logits(_ videos: [VideoFeatures]) -> [[Float]] { self.model.logitsPerVideo(videos, text, in: workspace) }
        let held = encode([0])
        let expected = logits(held)
        // A larger batch, then smaller ones, in memory that was used before.
        let both = logits(encode([1, 0]))
        #expect(TensorDifference(both[1], expected[0]).relative < Self.tolerance)
        let other = logits(encode([1]))
        #expect(other != expected)
        #expect(logits(held) == expected)
        #expect(logits(encode([0])) == expected && logits(encode([1])) == other)
    }

    @Test("Computes logits in a model without prompt layers")
    func noPromptLayers() throws {
        let path = self.fixture.directory.appending(path: "config.json")
        let json = try String(contentsOf: path, encoding: .utf8).replacing(
            /"prompt_layers": \d+/, with: "\"prompt_layers\": 0")
        let configuration = try XCLIPConfiguration(json: jsonObject(json))
        #expect(configuration.prompts.layerCount == 0)
        let model = try XCLIPModel(weights: self.fixture.weights(), configuration: configuration)
        let text = try model.encodeText(try self.fixture.texts())
        let logits = [0, 1].map { model.logitsPerVideo(model.encodeVideo(Self.frames(of: model, video: $0)), text) }
        #expect(logits.allSatisfy { $0.count == text.count && $0.allSatisfy(\.isFinite) })
        #expect(logits[0] != logits[1])
    }

    @Test("Returns no logits for no texts")
    func noTexts() throws {
        let video = self.model.encodeVideo(self.frames)
        #expect(try self.model.logitsPerVideo(video, self.model.encodeText([])).isEmpty)
    }

    @Test("Computes the same bits when run twice")
    func deterministic() throws {
        let text = try self.model.encodeText(try self.fixture.texts())
        let logits = (0..<2).map { _ in self.model.logitsPerVideo(self.model.encodeVideo(self.frames), text) }
        #expect(logits[0] == logits[1])
    }

    @Test("Computes the same logits when several threads use one model")
    func concurrent() async throws {
        let model = self.model
        let text = try model.encodeText(try self.fixture.texts())
        let alone = model.logitsPerVideo(model.encodeVideo(self.frames), text)
        await withTaskGroup(of: [Float].self) { group in
            for _ in 0..<8 {
                group.addTask { model.logitsPerVideo(model.encodeVideo(Self.frames(of: model, video: 0)), text) }
            }
            for await logits in group { #expect(logits == alone) }
        }
    }

    @Test("Computes the same logits at every kernel level", arguments: KernelLevel.supported)
    func kernelLevels(level: KernelLevel) throws {
        let kernels = try #require(Kernels(level: level))
        let model = try XCLIPModel(
            weights: self.fixture.weights(), configuration: self.model.configuration,
            backend: ComputeBackend(kernels: kernels))
        func logits(_ model: XCLIPModel) throws -> [Float] {
            model.logitsPerVideo(
                model.encodeVideo(Self.frames(of: model, video: 1)), try model.encodeText(try self.fixture.texts()))
        }
        let difference = TensorDifference(try logits(model), try logits(self.model))
        #expect(difference.relative < Self.tolerance, "\(level): \(difference)")
    }

    @Test("Normalizes the embedding of a video to length 1")
    func videoLength() {
        let embedding = self.model.encodeVideo(self.frames).videoEmbeds
        #expect(embedding.count == self.model.configuration.projectionSize)
        #expect(abs(embedding.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    }

    /// The example in the documentation of `XCLIPModel`, which must compile and run.
    @Test("Scores texts as the documentation's example does")
    func documentationExample() throws {
        let model = self.model
        let images = Fixture.video(0, model.configuration.vision)
        let tokenIDs = try self.fixture.texts()
        let labels = tokenIDs.indices.map(String.init)
        let tokenizer = StubTokenizer(ids: Dictionary(uniqueKeysWithValues: zip(labels, tokenIDs)))

        let frames = images.map { image in model.embedFrame(rgb: image.span, normalization: .imageNet) }
        let video = model.encodeVideo(frames)  // once per window
        let texts = try model.encodeText(labels.map(tokenizer.encode))  // once per set of labels
        let logits = model.logitsPerVideo(video, texts)  // one per label

        let expected = try #require(self.fixture.expected.values("0.logits_per_video"))
        #expect(TensorDifference(logits, expected).relative < ParityTests.tolerance)
        #expect(logits.count == labels.count)
    }

    /// The fixture has token ids and no vocabulary.
    private struct StubTokenizer {
        let ids: [String: [Int32]]

        func encode(_ text: String) -> [Int32] { self.ids[text] ?? [] }
    }
}
