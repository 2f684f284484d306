public import GerundTensor

/// Some texts on their way through the text encoder, in steps: each layer is read, packed, done with and freed before
/// the next.
///
///     var encoding = model.textEncoding(tokenIDs)
///     while try encoding.step() {}
///     let features = encoding.features
///
/// D = `hiddenSize`. A text is summed up by the row of its end token; rows see only what precedes them, so tokens after
/// the end, padding included, change nothing and are not computed.
public struct TextEncoding {
    /// Texts that go through a layer together.
    private final class Batch {
        let texts: Range<Int>
        /// The rows of each text.
        let sequences: [Range<Int>]
        /// `[rows, D]` after the layers so far; empty before the first.
        private var x = MatrixBuffer(rows: 0, columns: 0)

        init(_ texts: Range<Int>, _ sequences: [Range<Int>]) {
            self.texts = texts
            self.sequences = sequences
        }

        var rows: Int { self.sequences.last?.upperBound ?? 0 }

        /// Gives what was kept, which is nobody else's then.
        func take() -> MatrixBuffer {
            var x = MatrixBuffer(rows: 0, columns: 0)
            swap(&x, &self.x)
            return x
        }

        func keep(_ x: consuming MatrixBuffer) { self.x = x }
    }

    /// How many rows go through a layer together: enough to use the machine, few enough to be done soon.
    private static let batchRows = 256
    /// How many batches wait for the next layer: bounds the memory. For more texts, all layers are read once more.
    private static let batchLimit = 32

    /// `[texts, M]` as far as they are done; meaningful after the last step.
    public private(set) var features: TextFeatures

    private let model: TextModel
    private let trace: Trace?
    private let texts: [[Int32]]
    /// Those that are still to be done, the present pass first.
    private var waiting: ArraySlice<Batch>
    private var positions: Matrix?
    private var layer: EncoderLayer?
    private var workspace: EncoderWorkspace?
    private var layerIndex = 0
    private var batchIndex = 0

    /// - Parameter texts: Each text's token ids; at least one id, at most as many up to the end as there are positions.
    init(_ texts: [[Int32]], _ model: TextModel, projectionSize: Int, trace: Trace?) {
        self.model = model
        self.trace = trace
        self.texts = texts
        self.waiting = Self.batches(texts)[...]
        self.features = TextFeatures(rows: Matrix(MatrixBuffer(rows: 0, columns: projectionSize)))
    }

    private static func batches(_ texts: [[Int32]]) -> [Batch] {
        var batches: [Batch] = []
        var (first, sequences) = (0, [Range<Int>]())
        for (index, text) in texts.enumerated() {
            let length = Self.endPosition(of: text) + 1
            if let rows = sequences.last?.upperBound, rows + length > Self.batchRows {
                batches.append(Batch(first..<index, sequences))
                (first, sequences) = (index, [])
            }
            let start = sequences.last?.upperBound ?? 0
            sequences.append(start..<start + length)
        }
        if !sequences.isEmpty { batches.append(Batch(first..<texts.count, sequences)) }
        return batches
    }

    /// The position that sums up a text: the first with the highest id, which is CLIP's end token.
    ///
    /// The reference does this whatever `eos_token_id` says (HF: `XCLIPTextModel`, "legacy behaviour").
    static func endPosition(of tokens: [Int32]) -> Int {
        precondition(!tokens.isEmpty, "a text without tokens")
        var position = 0
        for index in tokens.indices where tokens[index] > tokens[position] { position = index }
        return position
    }

    /// Takes a few texts through one layer; blocks the calling thread for some milliseconds.
    ///
    /// - Returns: Whether there is more to do.
    /// - Throws: When the weights can't be read any more.
    public mutating func step() throws(WeightError) -> Bool {
        let pass = self.waiting.prefix(Self.batchLimit)
        guard !pass.isEmpty else { return false }
        let batch = pass[pass.startIndex + self.batchIndex]
        var x = self.layerIndex == 0 ? try self.embed(batch) : batch.take()
        let layer = if let layer { layer } else { try self.model.layer(self.layerIndex) }
        self.layer = layer
        let workspace = self.workspace ?? Self.workspace(for: pass, layer)
        self.workspace = workspace
        layer.apply(to: &x, sequences: batch.sequences, visible: .causal, workspace: workspace)
        self.trace?("text.layers.\(self.layerIndex)", x.view)
        batch.keep(x)

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
            precondition(sequence.count <= positions.rows, "a text of \(sequence.count) tokens")
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

    /// What the last rows of the texts say in the common space.
    private func project(_ batches: ArraySlice<Batch>) throws(WeightError) -> TextFeatures {
        let (norm, projection) = (try self.model.finalLayerNorm(), try self.model.projection())
        let count = batches.reduce(0) { $0 + $1.texts.count }
        var pooled = MatrixBuffer(rows: count, columns: self.model.configuration.encoder.hiddenSize)
        var row = 0
        for batch in batches {
            let x = batch.take()
            for sequence in batch.sequences {
                norm.apply(
                    to: x.view.rows(sequence.upperBound - 1..<sequence.upperBound),
                    into: pooled.mutableView.rows(row..<row + 1))
                row += 1
            }
        }
        self.trace?("text.pooled", pooled.view)
        return TextFeatures(rows: Matrix(projection(pooled.view)))
    }
}
