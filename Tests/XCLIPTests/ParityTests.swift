import GerundCheckpoint
import GerundTensor
import GerundTesting
import Testing
import XCLIP

@Suite("XCLIPModel and the reference implementation")
struct ParityTests {
    /// float32 against float32, sums of up to 72 terms in another order: about three times the largest relative
    /// difference of all values and backends, 1.2e-6.
    static let tolerance: Float = 4e-6

    /// Two small models that have no size in common, each with every backend: a fault of one layer shows there first.
    @Test("Computes every intermediate value of the reference implementation", arguments: ["tiny", "other"], [0, 1])
    func everyLayer(name: String, video: Int) throws {
        let fixture = try Fixture(name)
        var backends = [ComputeBackend(), ComputeBackend(kernels: .scalar, matmul: ReferenceMatmul())]
        backends.append(try #require(ComputeBackend.fastest(.f32)))
        #if ONEDNN
        backends.append(ComputeBackend(matmul: try #require(OneDNNMatmul(precision: .f32))))
        #endif
        for backend in backends {
            let model = try XCLIPModel(
                weights: fixture.weights(), configuration: fixture.configuration(), backend: backend)
            var seen = Set<String>()
            func compare(_ name: String, _ actual: [Float]) {
                let key = "\(video).\(name)"
                guard let expected = fixture.expected.values(key) else { return }
                seen.insert(key)
                let difference = TensorDifference(actual, expected)
                #expect(difference.relative < Self.tolerance, "\(backend.matmul.name), \(key): \(difference)")
            }
            let trace: XCLIPTrace = { name, view in compare(name, view.elements) }

            let workspace = ModelWorkspace(model)
            let images = Fixture.video(video, model.configuration.vision)
            for (index, rgb) in images.enumerated() {
                model.stagePatches(
                    fromRGB: rgb.span, normalization: .imageNet, at: index, count: images.count, in: workspace)
            }
            let frames = images.map { _ in model.makeFrameState(cachesLayers: false) }
            // The first layer's messages are the same for all frames: traced once, expected for each.
            model.embedFrames(frames, in: workspace) { name, view in
                compare(name, name.hasSuffix(".messages") ? images.flatMap { _ in view.elements } : view.elements)
            }
            let videoFeatures = model.encodeVideos([frames], refresh: .all, in: workspace, trace: trace)[0]
            let text = try model.encodeText(try fixture.texts(), trace: trace)
            compare("text.features", text.matrix.elements)
            compare("video_embeds", videoFeatures.videoEmbeds)
            compare("text_embeds", model.textEmbeds(videoFeatures, text, trace: trace).elements)
            compare("logits_per_video", model.logitsPerVideo(videoFeatures, text))

            let expectedNames = Set(fixture.expected.names.filter { $0.hasPrefix("\(video).") })
            #expect(
                expectedNames.subtracting(seen).isEmpty, "not compared: \(expectedNames.subtracting(seen).sorted())")
        }
    }

    @Test("Embeds a frame alike from bytes and from normalized values")
    func pixelValues() throws {
        let fixture = try Fixture("tiny")
        let model = try XCLIPModel(weights: fixture.weights(), configuration: fixture.configuration())
        let size = model.configuration.vision.imageSize
        let rgb = Fixture.video(0, model.configuration.vision)[3]
        let table = PixelNormalization.imageNet.lookupTable()
        let planes = (0..<3 * size * size).map { index in
            let (channel, pixel) = (index / (size * size), index % (size * size))
            return table[channel * 256 + Int(rgb[pixel * 3 + channel])]
        }
        let fromBytes = model.embedFrame(rgb: rgb.span, normalization: .imageNet)
        let fromValues = model.embedFrame(pixelValues: planes.span)
        #expect(fromBytes.embeddingElements == fromValues.embeddingElements)
    }

    @Test("Generates the weights of the Python generator, bit for bit", arguments: [("tiny", 1), ("other", 2)])
    func syntheticWeights(name: String, seed: UInt64) throws {
        let file = try Fixture(name).weights()
        let synthetic = SyntheticWeights(seed: seed)
        for name in file.names {
            let (shape, expected) = (try #require(file.shape(name)), try #require(file.values(name)))
            var buffer = [Float](repeating: 0, count: expected.count)
            var span = buffer.mutableSpan
            try synthetic.read(name, shape: shape, into: &span)
            #expect(buffer == expected, "\(name)")
        }
    }
}
