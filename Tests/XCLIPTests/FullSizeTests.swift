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
        arguments: ["OpenBLAS", "fastest"])
    func parity(engine: String) throws {
        let fixture = try Fixture("full")
        let backend = engine == "fastest" ? try #require(ComputeBackend.fastest(.f32)) : ComputeBackend()
        let model = try XCLIPModel(weights: GeneratedWeights(), configuration: .basePatch32, backend: backend)
        let text = model.encodeText(try fixture.texts())
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
        "In bfloat16, logits stay within a hundredth of their spread",
        .enabled(if: ComputeBackend.fastest(.bf16) != nil))
    func bfloat16() throws {
        let fixture = try Fixture("full")
        let model = try XCLIPModel(
            weights: GeneratedWeights(), configuration: .basePatch32, backend: try #require(.fastest(.bf16)))
        let text = model.encodeText(try fixture.texts())
        for index in 0..<2 {
            let frames = Fixture.video(index, model.configuration.vision).map {
                model.embedFrame(rgb: $0.span, normalization: .imageNet)
            }
            let expected = try #require(fixture.expected.values("\(index).logits_per_video"))
            let spread = try #require(expected.max()) - (try #require(expected.min()))
            let difference = TensorDifference(model.logitsPerVideo(model.encodeVideo(frames), text), expected)
            // 8 significant bits in every factor of 24 layers; measured, and printed here.
            #expect(difference.largest < 1e-2 * spread, "logits, video \(index), spread \(spread): \(difference)")
            print("full size in bfloat16, video \(index): logits' \(difference), spread \(spread)")
        }
    }

    @Test("The model has as many weights as its configuration says")
    func parameterCount() {
        #expect(Configuration.basePatch32.parameterCount == 196_585_729)
    }
}
