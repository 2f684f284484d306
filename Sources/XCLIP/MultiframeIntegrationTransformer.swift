import GerundTensor

/// Frames to one video: attention over the frames in their order, and the mean (HF:
/// `XCLIPMultiframeIntegrationTransformer`).
///
/// T = frames of the window, M = `projectionSize`.
struct MultiframeIntegrationTransformer: Sendable {
    /// `[T, M]`.
    private let positionEmbedding: Matrix
    let layers: [EncoderLayer]
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

    /// Scratch memory for so many windows; nothing where there are no layers.
    func makeWorkspace(windows: Int) -> EncoderWorkspace? {
        let length = self.positionEmbedding.rows
        return self.layers.first?.makeWorkspace(rows: windows * length, keys: length)
    }

    /// - Parameters:
    ///   - frames: `[windows * T, M]`, one window after the other, oldest first.
    ///   - workspace: For as many windows at least.
    ///   - slot: For the rows on their way.
    /// - Returns: `[windows, M]`.
    func apply(
        to frames: MatrixView, _ workspace: EncoderWorkspace?, _ slot: inout MatrixSlot, trace: Trace? = nil
    ) -> MatrixBuffer {
        var x = slot.buffer(rows: frames.rows, columns: frames.columns)
        let length = self.positionEmbedding.rows
        let windows = stride(from: 0, to: frames.rows, by: length).map { $0..<$0 + length }
        x.mutableView.copy(from: frames)
        for window in windows { self.kernels.add(self.positionEmbedding.view, to: x.mutableView.rows(window)) }
        if let workspace {
            for layer in self.layers {
                layer.apply(to: &x, sequences: windows, visible: .all, workspace: workspace)
            }
        }
        self.kernels.add(frames, to: x.mutableView)
        trace?("mit.last_hidden_state", x.view)
        var videos = MatrixBuffer(rows: windows.count, columns: x.columns)
        for (number, window) in windows.enumerated() {
            self.kernels.meanRows(x.view.rows(window), into: videos.mutableView.rows(number..<number + 1))
        }
        return videos
    }
}
