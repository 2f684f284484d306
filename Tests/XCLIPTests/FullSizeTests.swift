import GerundCheckpoint
import GerundTensor
import GerundTesting
import Testing
import XCLIP

#if DEBUG
private let isOptimized = false
#else
private let isOptimized = true
#endif

/// `microsoft/xclip-base-patch32` in its full size, 197 million generated weights, against the reference.
@Suite("Full size", .enabled(if: isOptimized, "minutes without the optimizer: run with -c release"))
struct FullSizeTests {
    @Test(
        "Frame features, embeddings and logits are those of the reference implementation",
        arguments: ["OpenBLAS", "oneDNN", "fastest", "fastest with one thread"])
    func parity(engine: String) throws {
        let fixture = try Fixture("full")
        var backend = ComputeBackend()
        switch engine {
        case "OpenBLAS": break
        case "oneDNN":
            #if ONEDNN
            backend.engine = try #require(OneDNNEngine(precision: .f32))
            backend.robustEngine = backend.engine
            #endif
        default:
            let threads = engine == "fastest" ? WorkerPool.coreCount : 1
            backend = try #require(ComputeBackend.fastest(.f32, threads: threads))
        }
        let model = try XCLIPModel(weights: GeneratedWeights(), configuration: .basePatch32, backend: backend)
        let text = try model.encodeText(try fixture.texts())
        let expectedText = try #require(fixture.expected.values("0.text.features"))
        let textDifference = TensorDifference(text.rows.elements, expectedText)
        #expect(textDifference.relative < 1e-4, "text features: \(textDifference)")

        for index in 0..<2 {
            func expected(_ name: String) throws -> [Float] {
                try #require(fixture.expected.values("\(index).\(name)"))
            }
            let frames = Fixture.video(index, model.configuration.vision).map {
                model.embedFrame(rgb: $0.span, normalization: .imageNet)
            }
            let video = model.encodeVideo(frames)
            let expectedFrames = try expected("vision.projected")
            let width = model.configuration.projectionSize
            for frame in frames.indices {
                let row = frame * width..<(frame + 1) * width
                let difference = TensorDifference(Array(video.frames.elements[row]), Array(expectedFrames[row]))
                #expect(difference.cosine >= 0.99999, "video \(index), frame \(frame): \(difference)")
            }
            let videoDifference = TensorDifference(video.embedding, try expected("video_embeds"))
            #expect(videoDifference.relative < 1e-4, "video \(index): \(videoDifference)")
            let textDifference = TensorDifference(
                model.promptedText(video, text).elements, try expected("text_embeds"))
            #expect(textDifference.relative < 1e-4, "prompted texts, video \(index): \(textDifference)")

            let expectedLogits = try expected("logits_per_video")
            let spread = try #require(expectedLogits.max()) - (try #require(expectedLogits.min()))
            let difference = TensorDifference(model.logitsPerVideo(video, text), expectedLogits)
            #expect(difference.largest < 1e-3 * spread, "logits, video \(index), spread \(spread): \(difference)")
            print("full size, video \(index): logits' \(difference), spread \(spread)")
        }
    }

    @Test(
        "In a lower precision, logits stay within a small part of their spread",
        // 8 significant bits in every factor of 24 layers, or 7 in those of the vision encoder; measured, and printed
        // here.
        arguments: [(Precision.bf16, Float(1e-2)), (.int8, 5e-2)])
    func lowerPrecision(precision: Precision, tolerance: Float) throws {
        // A machine may have no instructions for it.
        guard let backend = ComputeBackend.fastest(precision) else { return }
        let fixture = try Fixture("full")
        let model = try XCLIPModel(weights: GeneratedWeights(), configuration: .basePatch32, backend: backend)
        let text = try model.encodeText(try fixture.texts())
        for index in 0..<2 {
            let frames = Fixture.video(index, model.configuration.vision).map {
                model.embedFrame(rgb: $0.span, normalization: .imageNet)
            }
            let expected = try #require(fixture.expected.values("\(index).logits_per_video"))
            let spread = try #require(expected.max()) - (try #require(expected.min()))
            let difference = TensorDifference(model.logitsPerVideo(model.encodeVideo(frames), text), expected)
            #expect(difference.largest < tolerance * spread, "logits, video \(index), spread \(spread): \(difference)")
            print("full size in \(precision), video \(index): logits' \(difference), spread \(spread)")
        }
    }

    @Test("The model has as many weights as its configuration says")
    func parameterCount() {
        #expect(Configuration.basePatch32.parameterCount == 196_585_729)
    }
}
