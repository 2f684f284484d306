import GerundTensor

/// Aggregates the frames of a window into one video embedding: attention over the frames in their order, then the mean
/// (arXiv:2208.02816, section 3.2; HF: `XCLIPMultiframeIntegrationTransformer`).
///
/// T = frames of a window, M = `projectionSize`.
struct MultiframeIntegrationTransformer: Sendable {
    /// The positions of the frames, `[T, M]`.
    private let positionEmbedding: Matrix
    /// The transformer layers; often one.
    let layers: [EncoderLayer]
    private let kernels: Kernels

    init(_ weights: ParameterScope<some WeightSource>, _ vision: XCLIPConfiguration.Vision) throws(WeightError) {
        self.kernels = weights.backend.kernels
        self.positionEmbedding = try weights.matrix(
            "position_embedding", shape: [1, vision.frameCount, vision.mit.hiddenSize],
            rows: vision.frameCount)
        var layers: [EncoderLayer] = []
        for index in 0..<vision.mit.layerCount {
            layers.append(try EncoderLayer(weights.scoped("encoder.layers.\(index)"), vision.mit))
        }
        self.layers = layers
    }

    /// Allocates scratch memory for a number of windows; `nil` if there are no layers.
    func makeWorkspace(windows: Int) -> EncoderWorkspace? {
        let length = self.positionEmbedding.rows
        return self.layers.first?.makeWorkspace(rows: windows * length, keys: length)
    }

    /// Integrates the frames of each window.
    ///
    /// - Parameters:
    ///   - frames: The frames' class features, `[windows * T, M]`, one window after the other, oldest first.
    ///   - workspace: Scratch memory for at least as many windows.
    ///   - buffer: The memory of the hidden states.
    ///   - trace: Receives intermediate values.
    /// - Returns: One row per window, `[windows, M]`.
    func apply(
        to frames: MatrixView, in workspace: EncoderWorkspace?, buffer: inout ReusableMatrix,
        trace: XCLIPTrace? = nil
    ) -> MatrixBuffer {
        var x = buffer.buffer(rows: frames.rows, columns: frames.columns)
        let length = self.positionEmbedding.rows
        let windows = stride(from: 0, to: frames.rows, by: length).map { $0..<$0 + length }
        x.mutableView.copy(from: frames)
        for window in windows { self.kernels.add(self.positionEmbedding.view, to: x.mutableView.rows(window)) }
        if let workspace {
            for layer in self.layers {
                layer.apply(to: &x, sequences: windows, mask: .none, workspace: workspace)
            }
        }
        self.kernels.add(frames, to: x.mutableView)
        trace?("mit.last_hidden_state", x.view)
        var videos = MatrixBuffer(rows: windows.count, columns: x.columns)
        for (number, window) in windows.enumerated() {
            self.kernels.meanOverRows(x.view.rows(window), into: videos.mutableView.rows(number..<number + 1))
        }
        return videos
    }
}
