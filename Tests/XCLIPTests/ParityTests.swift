import GerundCheckpoint
import GerundTensor
import GerundTesting
import Testing
import XCLIP

@Suite("Every intermediate value is that of the reference implementation")
struct ParityTests {
    /// float32 against float32, sums of up to 72 terms in another order; measured about 2e-6.
    static let tolerance: Float = 1e-4

    /// Two small models that share no size, each with every engine: what is wrong in one layer shows there first.
    @Test(arguments: ["tiny", "other"], [0, 1])
    func everyLayer(name: String, video: Int) throws {
        let fixture = try Fixture(name)
        let backends = [ComputeBackend(), ComputeBackend(kernels: .scalar, engine: ReferenceEngine())]
        for backend in backends + [ComputeBackend.fastest(.f32)].compactMap({ $0 }) {
            let model = try XCLIPModel(
                weights: fixture.weights(), configuration: fixture.configuration(), backend: backend)
            var seen = Set<String>()
            func compare(_ name: String, _ actual: [Float]) {
                let key = "\(video).\(name)"
                guard let expected = fixture.expected.values(key) else { return }
                seen.insert(key)
                let difference = TensorDifference(actual, expected)
                #expect(difference.relative < Self.tolerance, "\(backend.engine.name), \(key): \(difference)")
            }
            let trace: Trace = { name, view in compare(name, view.elements) }

            let workspace = ModelWorkspace(model)
            let pictures = Fixture.video(video, model.configuration.vision)
            for (index, rgb) in pictures.enumerated() {
                model.take(
                    rgb: rgb.span, normalization: .imageNet, as: index, of: pictures.count, workspace)
            }
            let frames = pictures.map { _ in model.makeFrameState(keepsLayers: false) }
            // The first layer's messages are one and the same for all frames: told once, expected of each.
            model.embed(frames, workspace) { name, view in
                compare(name, name.hasSuffix(".messages") ? pictures.flatMap { _ in view.elements } : view.elements)
            }
            let videoFeatures = model.encode([frames], refresh: .all, workspace, trace: trace)[0]
            let text = try model.encodeText(try fixture.texts(), trace: trace)
            compare("text.features", text.rows.elements)
            compare("video_embeds", videoFeatures.embedding)
            compare("text_embeds", model.promptedText(videoFeatures, text, trace: trace).elements)
            compare("logits_per_video", model.logitsPerVideo(videoFeatures, text))

            let wanted = Set(fixture.expected.names.filter { $0.hasPrefix("\(video).") })
            #expect(wanted.subtracting(seen).isEmpty, "not compared: \(wanted.subtracting(seen).sorted())")
        }
    }

    @Test("A frame is the same from bytes and from normalised values")
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
        #expect(fromBytes.rows == fromValues.rows)
    }

    @Test("Generated weights are those of the Python generator, bit for bit", arguments: [("tiny", 1), ("other", 2)])
    func generatedWeights(name: String, seed: UInt64) throws {
        let file = try Fixture(name).weights()
        let generated = GeneratedWeights(seed: seed)
        for name in file.names {
            let (shape, expected) = (try #require(file.shape(name)), try #require(file.values(name)))
            var buffer = [Float](repeating: 0, count: expected.count)
            var span = buffer.mutableSpan
            try generated.read(name, shape: shape, into: &span)
            #expect(buffer == expected, "\(name)")
        }
    }
}
