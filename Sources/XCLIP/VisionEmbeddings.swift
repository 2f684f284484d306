import GerundTensor

/// Patches and the class token as rows, with their positions (HF: `XCLIPVisionEmbeddings`).
///
/// N = patches of a frame, D = `hiddenSize`.
struct VisionEmbeddings: Sendable {
    /// The convolution whose stride is its size, as a matrix product over patches.
    private let patchEmbedding: Linear
    /// The class token with its position already added, `[1, D]`.
    private let classEmbedding: Matrix
    /// The positions of the patches, `[N, D]`.
    private let positions: Matrix

    init(_ weights: WeightScope<some WeightSource>, _ vision: Configuration.Vision) throws(WeightError) {
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
    }

    /// - Parameter patches: `[N, 3 * patch * patch]`, normalised.
    /// - Returns: `[N + 1, D]`, the class token first.
    func callAsFunction(_ patches: MatrixView) -> MatrixBuffer {
        let count = self.positions.rows
        var out = MatrixBuffer(rows: count + 1, columns: self.positions.columns)
        out.mutableView.rows(0..<1).copy(from: self.classEmbedding.view)
        out.mutableView.rows(1..<count + 1).copy(from: self.positions.view)
        self.patchEmbedding.apply(to: patches, then: .accumulate, into: out.mutableView.rows(1..<count + 1))
        return out
    }
}
