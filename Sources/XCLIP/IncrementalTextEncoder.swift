public import GerundTensor

/// Encodes texts in steps, one layer at a time, so that only one layer's weights are in memory.
///
///     var encoder = model.makeTextEncoder(tokenIDs)
///     while try encoder.step() {}
///     let features = encoder.features
///
/// D = `hiddenSize`, M = `projectionSize`. The feature of a text is read at its end-of-text token, and tokens attend
/// only to those before them (CLIP, arXiv:2103.00020, section 2.4). Tokens after the end, padding included, change
/// nothing and are not computed.
public struct IncrementalTextEncoder {
    /// Texts that pass through a layer together.
    private final class Batch {
        /// The indices of the texts.
        let texts: Range<Int>
        /// The rows of each text.
        let sequences: [Range<Int>]
        /// The hidden states after the layers so far, `[rows, D]`; empty before the first.
        private var x = MatrixBuffer(rows: 0, columns: 0)

        init(_ texts: Range<Int>, _ sequences: [Range<Int>]) {
            self.texts = texts
            self.sequences = sequences
        }

        var rows: Int { self.sequences.last?.upperBound ?? 0 }

        /// Moves the hidden states out of the batch.
        func takeHiddenStates() -> MatrixBuffer {
            var x = MatrixBuffer(rows: 0, columns: 0)
            swap(&x, &self.x)
            return x
        }

        /// Moves the hidden states back into the batch.
        func storeHiddenStates(_ x: consuming MatrixBuffer) { self.x = x }
    }

    /// The maximum number of tokens that pass through a layer together, unless a single text has more.
    ///
    /// Enough to use all cores, few enough for a step to take milliseconds.
    private static let tokensPerBatch = 256
    /// The maximum number of batches that pass through all layers before the next ones begin.
    ///
    /// Bounds the memory. More texts than that read the weights of all layers again.
    private static let maximumBatchesPerPass = 32

    /// The features of the texts that are finished, `[texts, M]`; complete after the last step.
    public private(set) var features: TextFeatures

    private let model: TextModel
    private let trace: XCLIPTrace?
    private let texts: [[Int32]]
    /// The batches that are not finished; those of the current pass come first.
    private var waiting: ArraySlice<Batch>
    private var positions: Matrix?
    private var layer: EncoderLayer?
    private var workspace: EncoderWorkspace?
    private var layerIndex = 0
    private var batchIndex = 0

    /// Creates an encoder.
    ///
    /// - Parameters:
    ///   - texts: The token ids of each text: at least one, and at most as many up to the end token as there are
    ///     positions.
    ///   - model: The weights.
    ///   - projectionSize: The width of the joint embedding space (M).
    ///   - trace: Receives intermediate values.
    init(_ texts: [[Int32]], model: TextModel, projectionSize: Int, trace: XCLIPTrace?) {
        self.model = model
        self.trace = trace
        self.texts = texts
        self.waiting = Self.batches(texts)[...]
        self.features = TextFeatures(matrix: Matrix(MatrixBuffer(rows: 0, columns: projectionSize)))
    }

    private static func batches(_ texts: [[Int32]]) -> [Batch] {
        var batches: [Batch] = []
        var (first, sequences) = (0, [Range<Int>]())
        for (index, text) in texts.enumerated() {
            let length = Self.eosPosition(in: text) + 1
            if let rows = sequences.last?.upperBound, rows + length > Self.tokensPerBatch {
                batches.append(Batch(first..<index, sequences))
                (first, sequences) = (index, [])
            }
            let start = sequences.last?.upperBound ?? 0
            sequences.append(start..<start + length)
        }
        if !sequences.isEmpty { batches.append(Batch(first..<texts.count, sequences)) }
        return batches
    }

    /// Returns the position of a text's end-of-text token: the first token with the highest id.
    ///
    /// The reference does the same whatever `eos_token_id` is (HF: `XCLIPTextModel`, its legacy branch).
    static func eosPosition(in tokens: [Int32]) -> Int {
        precondition(!tokens.isEmpty, "a text must have at least one token")
        var position = 0
        for index in tokens.indices where tokens[index] > tokens[position] { position = index }
        return position
    }

    /// Passes one batch of texts through one layer; blocks the calling thread for some milliseconds.
    ///
    /// - Returns: A Boolean value that indicates whether more steps remain.
    /// - Throws: `WeightError` if the weights can no longer be read.
    public mutating func step() throws(WeightError) -> Bool {
        let pass = self.waiting.prefix(Self.maximumBatchesPerPass)
        guard !pass.isEmpty else { return false }
        let batch = pass[pass.startIndex + self.batchIndex]
        var x = self.layerIndex == 0 ? try self.embed(batch) : batch.takeHiddenStates()
        let layer = if let layer { layer } else { try self.model.layer(self.layerIndex) }
        self.layer = layer
        let workspace = self.workspace ?? Self.workspace(for: pass, layer)
        self.workspace = workspace
        layer.apply(to: &x, sequences: batch.sequences, mask: .causal, workspace: workspace)
        self.trace?("text.layers.\(self.layerIndex)", x.view)
        batch.storeHiddenStates(x)

        self.batchIndex += 1
        guard self.batchIndex == pass.count else { return true }
        (self.batchIndex, self.layer) = (0, nil)
        self.layerIndex += 1
        guard self.layerIndex == self.model.configuration.encoder.layerCount else { return true }
        (self.layerIndex, self.workspace) = (0, nil)
        self.features = self.features.appending(try self.project(pass))
        self.waiting = self.waiting.dropFirst(pass.count)
        return !self.waiting.isEmpty
    }

    private mutating func embed(_ batch: Batch) throws(WeightError) -> MatrixBuffer {
        let positions = if let positions { positions } else { try self.model.positionEmbedding() }
        self.positions = positions
        let tokens = zip(batch.texts, batch.sequences).flatMap { self.texts[$0].prefix($1.count) }
        var x = try self.model.tokenEmbeddings(tokens)
        for sequence in batch.sequences {
            precondition(
                sequence.count <= positions.rows, "a text of \(sequence.count) tokens for \(positions.rows) positions")
            self.model.kernels.add(positions.view.rows(0..<sequence.count), to: x.mutableView.rows(sequence))
        }
        self.trace?("text.embeddings", x.view)
        return x
    }

    private static func workspace(for batches: ArraySlice<Batch>, _ layer: EncoderLayer) -> EncoderWorkspace {
        layer.makeWorkspace(
            rows: batches.map(\.rows).max() ?? 0,
            keys: batches.lazy.flatMap(\.sequences).map(\.count).max() ?? 0)
    }

    /// Projects the hidden states of the end-of-text tokens into the joint embedding space.
    private func project(_ batches: ArraySlice<Batch>) throws(WeightError) -> TextFeatures {
        let (norm, projection) = (try self.model.finalLayerNorm(), try self.model.projection())
        let count = batches.reduce(0) { $0 + $1.texts.count }
        var pooled = MatrixBuffer(rows: count, columns: self.model.configuration.encoder.hiddenSize)
        var row = 0
        for batch in batches {
            let x = batch.takeHiddenStates()
            for sequence in batch.sequences {
                norm.apply(
                    to: x.view.rows(sequence.upperBound - 1..<sequence.upperBound),
                    into: pooled.mutableView.rows(row..<row + 1))
                row += 1
            }
        }
        self.trace?("text.pooled", pooled.view)
        return TextFeatures(matrix: Matrix(projection(pooled.view)))
    }
}
