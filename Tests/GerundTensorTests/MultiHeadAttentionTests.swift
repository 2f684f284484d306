import GerundCore
import GerundTensor
import GerundTesting
import Glibc
import Testing

@Suite("MultiHeadAttention")
struct MultiHeadAttentionTests {
    /// Computes the definition, one element at a time, in double precision.
    ///
    /// - Returns: The result, `[Q, D]`, and the weights that the queries give to one key, `[Q, heads]`.
    private static func expected(
        queries: Matrix, keyValues: Matrix, width: Int, heads: Int, causal: Bool = false, weightsOfKey key: Int = 0
    ) -> (out: [Float], weights: [Float]) {
        let headWidth = width / heads
        var out = [Float](repeating: 0, count: queries.rows * width)
        var weightsOfKey = [Float](repeating: 0, count: queries.rows * heads)
        for head in 0..<heads {
            let first = head * headWidth
            for row in 0..<queries.rows {
                let keys = causal ? row + 1 : keyValues.rows
                var weights = (0..<keys).map { key in
                    var sum = 0.0
                    for d in first..<first + headWidth {
                        sum += Double(queries.view[row, d]) * Double(keyValues.view[key, d])
                    }
                    return sum / Double(headWidth).squareRoot()
                }
                let maximum = weights.max() ?? 0
                weights = weights.map { Glibc.exp($0 - maximum) }
                let sum = weights.reduce(0, +)
                for d in first..<first + headWidth {
                    let value = (0..<keys).reduce(0.0) { $0 + weights[$1] * Double(keyValues.view[$1, width + d]) }
                    out[row * width + d] = Float(value / sum)
                }
                if key < keys { weightsOfKey[row * heads + head] = Float(weights[key] / sum) }
            }
        }
        return (out, weightsOfKey)
    }

    @Test(
        "The result is the definition's, with any mask",
        arguments: [(heads: 1, width: 8, rows: 8), (2, 12, 8), (5, 30, 5), (2, 64, 40)], [AttentionMask.none, .causal])
    func definition(sizes: (heads: Int, width: Int, rows: Int), mask: AttentionMask) throws {
        let (heads, width, rows) = sizes
        var random = SplitMix64(seed: UInt64(width))
        let queries = Matrix(rows: rows, columns: width, elements: random.floats(rows * width, magnitude: 2))
        let keyValues = Matrix(rows: rows, columns: 2 * width, elements: random.floats(2 * rows * width, magnitude: 2))
        let expected = Self.expected(
            queries: queries, keyValues: keyValues, width: width, heads: heads, causal: mask == .causal)
        for level in KernelLevel.supported {
            var kernels = try #require(Kernels(level: level))
            kernels.pool = ThreadPool(threads: 2)
            let attention = MultiHeadAttention(width: width, heads: heads, kernels: kernels)
            var out = MatrixBuffer(rows: rows, columns: width)
            attention.attend(
                queries: queries.view, keyValues: keyValues.view, mask: mask,
                batch: attention.makeBatch(keys: rows), into: out.mutableView)
            let difference = TensorDifference(out.view.elements, expected.out)
            #expect(difference.relative < 1.5e-6, "\(level): \(difference)")
        }
    }

    @Test(
        "Message keys take part in the softmax, and the attention to the first one is added per head",
        arguments: [1, 2, 3, 7, 13], [1, 3])
    func messages(rows: Int, messages: Int) throws {
        let (heads, width, keys) = (3, 60, 18)
        var random = SplitMix64(seed: UInt64(rows))
        let queries = Matrix(rows: rows, columns: width, elements: random.floats(rows * width, magnitude: 2))
        let count = 2 * width * (keys + messages)
        let keyValues = Matrix(
            rows: keys + messages, columns: 2 * width, elements: random.floats(count, magnitude: 2))
        let before = Matrix(rows: rows, columns: heads, elements: random.floats(rows * heads))
        let expected = Self.expected(
            queries: queries, keyValues: keyValues, width: width, heads: heads, weightsOfKey: keys)
        for level in KernelLevel.supported {
            let attention = MultiHeadAttention(
                width: width, heads: heads, kernels: try #require(Kernels(level: level)))
            let batch = attention.makeBatch(keys: keys + messages)
            var out = MatrixBuffer(rows: rows, columns: width)
            let messageAttention = ScratchMatrix(rows: rows, columns: heads)
            messageAttention.copy(from: before.view)
            unsafe attention.append(
                queries: queries.view, keyValues: keyValues.view.rows(0..<keys),
                messageKeyValues: keyValues.view.rows(keys..<keys + messages), messageAttention: messageAttention,
                into: out.mutableView, to: batch)
            withExtendedLifetime((queries, keyValues)) { attention.run(batch) }
            let difference = TensorDifference(out.view.elements, expected.out)
            #expect(difference.relative < 1.5e-6, "\(level): \(difference)")
            let weights: [Float] = zip(messageAttention.elements, before.elements).map { $0.0 - $0.1 }
            let weightDifference = TensorDifference(weights, expected.weights)
            #expect(weightDifference.largest < 4e-7, "\(level): \(weightDifference)")
        }
    }

    @Test("Scores far apart give the value of the best key alone, and NaN in a key gives NaN", arguments: [1, 5])
    func extremes(rows: Int) throws {
        let (width, keys) = (8, 20)
        for level in KernelLevel.supported {
            let attention = MultiHeadAttention(
                width: width, heads: 1, kernels: try #require(Kernels(level: level)))
            /// Scores are the first element of a query times that of a key; the value of a key is its index plus one.
            func result(_ scores: [Float]) -> [Float] {
                func row(_ first: Float) -> [Float] { [first] + [Float](repeating: 0, count: width - 1) }
                let queries = Matrix(rows: rows, columns: width, elements: (0..<rows).flatMap { _ in row(1e15) })
                var elements: [Float] = []
                for key in 0..<keys {
                    elements += row(key < scores.count ? scores[key] : 0)
                    elements += [Float](repeating: Float(key + 1), count: width)
                }
                let keyValues = Matrix(rows: keys, columns: 2 * width, elements: elements)
                var out = MatrixBuffer(rows: rows, columns: width)
                attention.attend(
                    queries: queries.view, keyValues: keyValues.view, batch: attention.makeBatch(keys: keys),
                    into: out.mutableView)
                return out.view.elements
            }
            let best = result([-1e15, 1e-13, 1e15, -1e-13])
            #expect(TensorDifference(best, Array(repeating: 3, count: rows * width)).relative < 1e-6, "\(level)")
            for position in [0, 5, 16] {
                var scores = [Float](repeating: 1e-15, count: keys)
                scores[position] = .nan
                let isAllNaN = result(scores).allSatisfy { $0.isNaN }
                #expect(isAllNaN, "\(level), NaN at \(position)")
            }
        }
    }

    @Test("Keys in two blocks give the same result as in one", arguments: [1, 3])
    func blocks(messages: Int) {
        var random = SplitMix64(seed: 5)
        let (width, rows, keys) = (24, 6, 10)
        let queries = Matrix(rows: rows, columns: width, elements: random.floats(rows * width))
        let keyValues = Matrix(rows: keys, columns: 2 * width, elements: random.floats(2 * keys * width))
        let attention = MultiHeadAttention(width: width, heads: 3, kernels: .best)
        let batch = attention.makeBatch(keys: keys)
        var whole = MatrixBuffer(rows: rows, columns: width)
        attention.attend(queries: queries.view, keyValues: keyValues.view, batch: batch, into: whole.mutableView)
        var split = MatrixBuffer(rows: rows, columns: width)
        attention.attend(
            queries: queries.view, keyValues: keyValues.view.rows(0..<keys - messages),
            messageKeyValues: keyValues.view.rows(keys - messages..<keys), batch: batch, into: split.mutableView)
        #expect(TensorDifference(split.view.elements, whole.view.elements).relative < 1.5e-6)
    }

    @Test(
        "A cache gives the same result as its keys and values rounded to its element type", arguments: [1, 2, 7],
        [8, 24])
    func cachedKeys(rows: Int, headWidth: Int) throws {
        var random = SplitMix64(seed: 9)
        let (width, keys) = (3 * headWidth, 19)
        let queries = Matrix(rows: rows, columns: width, elements: random.floats(rows * width))
        let exact = random.floats(2 * keys * width)
        let message = Matrix(rows: 1, columns: 2 * width, elements: random.floats(2 * width))
        for elementType in [ElementType.float32, .bfloat16] {
            // The lower 16 bits of rounded values are 0, so that rounding them again changes nothing.
            let rounded = exact.map {
                elementType == .float32 ? $0 : Float(bitPattern: ($0.bitPattern + 0x8000) & 0xffff_0000)
            }
            let keyValues = Matrix(rows: keys, columns: 2 * width, elements: rounded)
            for level in KernelLevel.supported {
                let kernels = try #require(Kernels(level: level))
                let attention = MultiHeadAttention(width: width, heads: 3, kernels: kernels)
                let batch = attention.makeBatch(keys: keys + 1)
                var expected = MatrixBuffer(rows: rows, columns: width)
                attention.attend(
                    queries: queries.view, keyValues: keyValues.view, messageKeyValues: message.view, batch: batch,
                    into: expected.mutableView)

                let caches = KeyValueCache.makeCaches(count: 2, rows: keys, columns: 2 * width, for: elementType)
                // The second cache, in two pieces.
                caches[1].copy(keyValues.view.rows(0..<5), to: 0, kernels)
                caches[1].copy(keyValues.view.rows(5..<keys), to: 5, kernels)
                var out = MatrixBuffer(rows: rows, columns: width)
                unsafe attention.append(
                    queries: queries.view, keyValues: caches[1], messageKeyValues: message.view, into: out.mutableView,
                    to: batch)
                withExtendedLifetime(caches) { attention.run(batch) }
                let difference = TensorDifference(out.view.elements, expected.view.elements)
                #expect(difference.relative < 1.5e-6, "\(level), \(elementType): \(difference)")
            }
        }
    }
}
