import GerundTensor

/// The tokens of a frame before the first layer: its class token and its patches, with their positions (HF:
/// `XCLIPVisionEmbeddings`).
///
/// N = patches per frame, D = `hiddenSize`.
struct VisionEmbeddings: Sendable {
    /// The convolution whose stride is its size, as a matrix multiplication over patches (HF: `patch_embedding`).
    private let patchEmbedding: Linear
    /// The class token with its position already added, `[1, D]`.
    let classEmbedding: Matrix
    /// The positions of the patches, `[N, D]`.
    private let positions: Matrix
    private let kernels: Kernels

    init(_ weights: ParameterScope<some WeightSource>, _ vision: XCLIPConfiguration.Vision) throws(WeightError) {
        let (size, patch) = (vision.encoder.hiddenSize, vision.patchSize)
        let convolution = try weights.matrix(
            "patch_embedding.weight", shape: [size, 3, patch, patch], rows: size)
        self.patchEmbedding = Linear(weights: convolution, bias: nil, backend: weights.backend)

        let positions = try weights.matrix(
            "position_embedding.weight", shape: [vision.tokenCount, size], rows: vision.tokenCount)
        let classToken = try weights.vector("class_embedding", count: size)
        var classRow = MatrixBuffer(rows: 1, columns: size)
        classRow.mutableView.copy(from: classToken.view)
        weights.backend.kernels.add(positions.view.rows(0..<1), to: classRow.mutableView)
        self.classEmbedding = Matrix(classRow)

        var patchRows = MatrixBuffer(rows: vision.patchCount, columns: size)
        patchRows.mutableView.copy(from: positions.view.rows(1..<vision.tokenCount))
        self.positions = Matrix(patchRows)
        self.kernels = weights.backend.kernels
    }

    /// Allocates memory for the patches of a number of frames, `[frames * N, 3 * patch * patch]`.
    func makePatches(frames: Int) -> LinearInput { self.patchEmbedding.makeInput(rows: frames * self.positions.rows) }

    /// Embeds whole frames.
    ///
    /// - Parameters:
    ///   - patches: The normalized patches, `[frames * N, 3 * patch * patch]`, already converted to the layer's element
    ///     type.
    ///   - rows: The rows of `patches` to embed.
    ///   - scratch: At least `[frames * N, D]`.
    ///   - out: At least `[frames * (N + 1), D]`: the tokens of one frame after another, the class token first.
    func apply(to patches: LinearInput, rows: Range<Int>, scratch: ScratchMatrix, into out: ScratchMatrix) {
        let count = self.positions.rows
        self.patchEmbedding.apply(to: patches, rows: rows, into: scratch.mutableView.rows(0..<rows.count))
        for frame in 0..<rows.count / count {
            let first = frame * (count + 1)
            let patchRows = first + 1..<first + 1 + count
            out.mutableView.rows(first..<first + 1).copy(from: self.classEmbedding.view)
            self.kernels.copy(
                scratch.view.rows(frame * count..<(frame + 1) * count), to: out.mutableView.rows(patchRows))
            self.kernels.add(self.positions.view, to: out.mutableView.rows(patchRows))
        }
    }
}
