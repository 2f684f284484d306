import GerundTensor

/// Frames to one video: attention over the frames in their order, and the mean (HF:
/// `XCLIPMultiframeIntegrationTransformer`).
///
/// T = frames of the window, M = `projectionSize`.
struct MultiframeIntegrationTransformer: Sendable {
    /// `[T, M]`.
    private let positionEmbedding: Matrix
    private let layers: [EncoderLayer]
    private let kernels: Kernels

    init(_ weights: WeightScope<some WeightSource>, _ vision: Configuration.Vision) throws(WeightError) {
        self.kernels = weights.backend.kernels
        self.positionEmbedding = try weights.matrix(
            "position_embedding", shape: [1, vision.frameCount, vision.integration.hiddenSize],
            rows: vision.frameCount)
        var layers: [EncoderLayer] = []
        for index in 0..<vision.integration.layerCount {
            layers.append(try EncoderLayer(weights.scoped("encoder.layers.\(index)"), vision.integration))
        }
        self.layers = layers
    }

    /// - Parameter frames: `[T, M]`, oldest first.
    /// - Returns: `[1, M]`.
    func callAsFunction(_ frames: MatrixView, trace: Trace? = nil) -> MatrixBuffer {
        var x = MatrixBuffer(rows: frames.rows, columns: frames.columns)
        x.mutableView.copy(from: frames)
        self.kernels.add(self.positionEmbedding.view, to: x.mutableView)
        if let workspace = self.layers.first?.makeWorkspace(rows: x.rows, keys: x.rows) {
            for layer in self.layers {
                layer.apply(to: &x, sequences: [0..<x.rows], visible: .all, workspace: workspace)
            }
        }
        self.kernels.add(frames, to: x.mutableView)
        trace?("mit.last_hidden_state", x.view)
        var video = MatrixBuffer(rows: 1, columns: x.columns)
        self.kernels.meanRows(x.view, into: video.mutableView)
        return video
    }
}
