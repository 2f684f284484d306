#if ONEDNN
import Foundation
import GerundTensor
import GerundTesting
import Synchronization
import Testing
import XCLIP

/// oneDNN silently falls back to a loop that takes seconds per window if it has no kernel for a matrix multiplication,
/// for example of rows with gaps.
@Suite("OneDNNMatmul in XCLIPModel")
struct OneDNNTests {
    /// A backend that records every layer it packs.
    private final class RecordingMatmul: MatmulBackend {
        let matmul: OneDNNMatmul
        private let packed = Mutex<[any PackedLinear]>([])

        init(_ matmul: OneDNNMatmul) { self.matmul = matmul }

        var precision: Precision { self.matmul.precision }
        var libraryName: String { self.matmul.libraryName }
        var threadCount: Int { self.matmul.threadCount }
        var layers: [any PackedLinear] { self.packed.withLock { $0 } }

        func pack(weights: Matrix, bias: Matrix?, kernels: Kernels) -> any PackedLinear {
            let layer = self.matmul.pack(weights: weights, bias: bias, kernels: kernels)
            self.packed.withLock { $0.append(layer) }
            return layer
        }
    }

    /// The widths of the published model, with few layers: the others are like one of these.
    private static let sizes = """
        {"model_type": "xclip", "prompt_layers": 1, "text_config": {"vocab_size": 64, "num_hidden_layers": 1},
         "vision_config": {"num_hidden_layers": 3}}
        """

    @Test(
        "Has an optimized kernel for every matrix multiplication of a model, exact and with every refresh policy",
        arguments: Precision.allCases)
    func kernels(precision: Precision) throws {
        guard let oneDNN = OneDNNMatmul(precision: precision) else {
            try Test.cancel("oneDNN has no kernels in \(precision) on this processor")
        }
        let recording = RecordingMatmul(oneDNN)
        let configuration = try XCLIPConfiguration(json: jsonObject(Self.sizes))
        let model = try XCLIPModel(
            weights: SyntheticWeights(), configuration: configuration, backend: ComputeBackend(matmul: recording))
        let text = try model.encodeText([[62, 5, 63], [62, 8, 9, 10, 63]])
        let (workspace, count) = (ModelWorkspace(model), configuration.vision.frameCount)
        let images = Fixture.video(0, configuration.vision)
        // Three windows of two sources: the first is exact whatever the policy, the others refresh.
        for refresh in [RefreshPolicy.all, .tokens(0), .tokens(1), .tokens(5)] {
            let rings = (0..<2).map { _ in
                (0..<count + 2).map { _ in model.makeFrameState(cachesLayers: true) }
            }
            for image in 0..<count + 2 {
                let rgb = images[image % count]
                for source in rings.indices {
                    model.stagePatches(
                        fromRGB: rgb.span, normalization: .imageNet, at: source, count: rings.count, in: workspace)
                }
                model.embedFrames(rings.map { $0[image] }, in: workspace)
                guard image >= count - 1 else { continue }
                let windows = rings.map { Array($0[image - count + 1...image]) }
                let videos = model.encodeVideos(windows, refresh: refresh, in: workspace)
                #expect(videos.allSatisfy { video in model.logitsPerVideo(video, text).allSatisfy(\.isFinite) })
            }
        }
        var names: Set<String> = []
        for layer in recording.layers {
            let implementations = OneDNNMatmul.implementations(of: layer)
            #expect(!implementations.isEmpty, "a layer that was never used")
            names.formUnion(implementations)
        }
        #expect(!names.contains { $0.hasPrefix("ref") }, "\(names)")
    }
}
#endif
