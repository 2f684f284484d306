#if ONEDNN
import Foundation
import GerundTensor
import GerundTesting
import Synchronization
import Testing
import XCLIP

/// oneDNN silently falls back to a loop that takes seconds for a window where it has no kernel for a product: for rows
/// with gaps, for example.
@Suite("oneDNN")
struct OneDNNTests {
    /// Remembers every layer that was made.
    private final class WatchedEngine: MatrixEngine {
        let engine: OneDNNEngine
        private let packed = Mutex<[any PackedLinear]>([])

        init(_ engine: OneDNNEngine) { self.engine = engine }

        var name: String { self.engine.name }
        var library: String { self.engine.library }
        var layers: [any PackedLinear] { self.packed.withLock { $0 } }

        func pack(weights: Matrix, bias: Matrix?, kernels: Kernels) -> any PackedLinear {
            let layer = self.engine.pack(weights: weights, bias: bias, kernels: kernels)
            self.packed.withLock { $0.append(layer) }
            return layer
        }
    }

    /// The published model's widths, in so few layers that every other is like one of them.
    private static let sizes = """
        {"model_type": "xclip", "prompt_layers": 1, "text_config": {"vocab_size": 64, "num_hidden_layers": 1},
         "vision_config": {"num_hidden_layers": 3}}
        """

    @Test("has a kernel for every product of a model, in exact and fast mode", arguments: Precision.allCases)
    func kernels(precision: Precision) throws {
        // A machine may have no instructions for it.
        guard let oneDNN = OneDNNEngine(precision: precision) else { return }
        let engine = WatchedEngine(oneDNN)
        let configuration = try Configuration(json: Data(Self.sizes.utf8))
        let model = try XCLIPModel(
            weights: GeneratedWeights(), configuration: configuration, backend: ComputeBackend(engine: engine))
        let text = try model.encodeText([[62, 5, 63], [62, 8, 9, 10, 63]])
        let (workspace, count) = (ModelWorkspace(model), configuration.vision.frameCount)
        let pictures = Fixture.video(0, configuration.vision)
        // Three windows of two sources: one that is exact in any case, and two steps.
        for refresh in [Refresh.all, .rows(0), .rows(1), .rows(5)] {
            let rings = (0..<2).map { _ in
                (0..<count + 2).map { _ in model.makeFrameState(keepsLayers: true) }
            }
            for picture in 0..<count + 2 {
                let rgb = pictures[picture % count]
                for source in rings.indices {
                    model.take(rgb: rgb.span, normalization: .imageNet, as: source, of: rings.count, workspace)
                }
                model.embed(rings.map { $0[picture] }, workspace)
                guard picture >= count - 1 else { continue }
                let windows = rings.map { Array($0[picture - count + 1...picture]) }
                let videos = model.encode(windows, refresh: refresh, workspace)
                #expect(videos.allSatisfy { video in model.logitsPerVideo(video, text).allSatisfy(\.isFinite) })
            }
        }
        var names: Set<String> = []
        for layer in engine.layers {
            let ofLayer = OneDNNEngine.implementations(of: layer)
            #expect(!ofLayer.isEmpty, "a layer that nothing went through")
            names.formUnion(ofLayer)
        }
        #expect(!names.contains { $0.hasPrefix("ref") }, "\(names)")
    }
}
#endif
