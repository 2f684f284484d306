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

/// `microsoft/xclip-base-patch32` in its full size, with 197 million synthetic weights, against the reference.
///
/// The figures are attached: `swift test -c release --filter FullSize --attachments-path DIRECTORY` writes them.
@Suite("XCLIPModel in full size", .enabled(if: isOptimized, "takes minutes without the optimizer: add -c release"))
struct FullSizeTests {
    /// The ways to multiply float32 matrices.
    enum Engine: String, CaseIterable, Sendable {
        case openBLAS, oneDNN, fastest, fastestWithOneThread

        /// The backend; `nil` if this build doesn't have it.
        var backend: ComputeBackend? {
            switch self {
            case .openBLAS: return ComputeBackend()
            case .oneDNN:
                #if ONEDNN
                return OneDNNMatmul(precision: .f32).map { ComputeBackend(matmul: $0) }
                #else
                return nil
                #endif
            case .fastest: return ComputeBackend.fastest(.f32)
            case .fastestWithOneThread: return ComputeBackend.fastest(.f32, threads: 1)
            }
        }
    }

    /// Three times the largest relative differences of text features (1.3e-6), video embeddings (6.6e-7) and prompted
    /// texts (1.4e-6) of all engines: float32 sums of up to 3072 terms in another order than the reference's.
    static let relativeTolerance: Float = 4e-6
    /// Three times the largest deviation from a cosine similarity of 1, 1.3e-12.
    static let cosineTolerance = 4e-12
    /// Three times the largest absolute difference of a logit, 1.3e-5, where logits spread over 13.2 to 13.6.
    static let logitTolerance: Float = 4e-5

    @Test("Computes the features, embeddings and logits of the reference implementation", arguments: Engine.allCases)
    func parity(engine: Engine) throws {
        guard let backend = engine.backend else { try Test.cancel("this build doesn't contain \(engine)") }
        let fixture = try Fixture("full")
        let model = try XCLIPModel(weights: SyntheticWeights(), configuration: .basePatch32, backend: backend)
        let text = try model.encodeText(try fixture.texts())
        let textDifference = TensorDifference(
            text.matrix.elements, try #require(fixture.expected.values("0.text.features")))
        #expect(textDifference.relative < Self.relativeTolerance, "text features: \(textDifference)")

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
                let difference = TensorDifference(
                    Array(video.classFeatures.elements[row]), Array(expectedFrames[row]))
                #expect(
                    difference.cosine >= 1 - Self.cosineTolerance, "video \(index), frame \(frame): \(difference)")
            }
            let videoDifference = TensorDifference(video.videoEmbeds, try expected("video_embeds"))
            #expect(videoDifference.relative < Self.relativeTolerance, "video \(index): \(videoDifference)")
            let textDifference = TensorDifference(model.textEmbeds(video, text).elements, try expected("text_embeds"))
            #expect(textDifference.relative < Self.relativeTolerance, "texts for video \(index): \(textDifference)")
            let difference = TensorDifference(model.logitsPerVideo(video, text), try expected("logits_per_video"))
            #expect(difference.largest < Self.logitTolerance, "logits of video \(index): \(difference)")
            Attachment.record(
                "texts: \(textDifference)\nvideo: \(videoDifference)\nlogits: \(difference)\n",
                named: "full-size-\(engine)-\(index).txt")
        }
    }

    @Test(
        "Deviates from the reference's logits by a small fraction of their spread in a lower precision",
        // About three times the largest measured fractions, 0.4 % and 0.6 %: 8 significant bits in every factor of 24
        // layers, or 7 in those of the vision encoder.
        arguments: [(Precision.bf16, Float(1.2e-2)), (.int8, 1.8e-2)])
    func lowerPrecision(precision: Precision, tolerance: Float) throws {
        guard let backend = ComputeBackend.fastest(precision) else {
            try Test.cancel("this processor or build doesn't support \(precision)")
        }
        let fixture = try Fixture("full")
        let model = try XCLIPModel(weights: SyntheticWeights(), configuration: .basePatch32, backend: backend)
        let text = try model.encodeText(try fixture.texts())
        for index in 0..<2 {
            let frames = Fixture.video(index, model.configuration.vision).map {
                model.embedFrame(rgb: $0.span, normalization: .imageNet)
            }
            let expected = try #require(fixture.expected.values("\(index).logits_per_video"))
            let spread = try #require(expected.max()) - (try #require(expected.min()))
            let difference = TensorDifference(model.logitsPerVideo(model.encodeVideo(frames), text), expected)
            #expect(
                difference.largest < tolerance * spread, "logits of video \(index), spread \(spread): \(difference)")
            // A result that is exactly the one of float32 would mean that the precision is not used.
            #expect(difference.largest > 1e-4 * spread, "\(precision) has the precision of float32: \(difference)")
            Attachment.record(
                "\(difference.largest / spread) of the spread: \(difference)\n",
                named: "full-size-\(precision)-\(index).txt")
        }
    }
}
