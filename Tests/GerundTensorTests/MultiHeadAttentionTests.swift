import Foundation
import GerundTensor
import GerundTesting
import Testing

@Suite("MultiHeadAttention")
struct MultiHeadAttentionTests {
    /// The definition, one element at a time.
    private static func expected(
        queries: Matrix, keyValues: Matrix, width: Int, heads: Int, causal: Bool
    ) -> [Float] {
        let headWidth = width / heads
        var out = [Float](repeating: 0, count: queries.rows * width)
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
                let top = weights.max() ?? 0
                weights = weights.map { Foundation.exp($0 - top) }
                let sum = weights.reduce(0, +)
                for d in first..<first + headWidth {
                    let value = (0..<keys).reduce(0.0) { $0 + weights[$1] * Double(keyValues.view[$1, width + d]) }
                    out[row * width + d] = Float(value / sum)
                }
            }
        }
        return out
    }

    @Test(
        "The result is the definition's", arguments: [(heads: 1, width: 8, rows: 8), (2, 12, 8), (5, 30, 5)],
        [false, true])
    func definition(sizes: (heads: Int, width: Int, rows: Int), causal: Bool) throws {
        let (heads, width, rows) = sizes
        var random = SplitMix64(seed: UInt64(width))
        let queries = Matrix(rows: rows, columns: width, elements: random.floats(rows * width, magnitude: 2))
        let keyValues = Matrix(rows: rows, columns: 2 * width, elements: random.floats(2 * rows * width, magnitude: 2))
        let expected = Self.expected(
            queries: queries, keyValues: keyValues, width: width, heads: heads, causal: causal)
        for level in KernelLevel.supported {
            var kernels = try #require(Kernels(level: level))
            kernels.pool = WorkerPool(threads: 2)
            let attention = MultiHeadAttention(width: width, heads: heads, kernels: kernels)
            var out = MatrixBuffer(rows: rows, columns: width)
            attention.attend(
                queries: queries.view, keyValues: keyValues.view, visible: causal ? .causal : .all,
                batch: attention.makeBatch(keys: rows), into: out.mutableView)
            let difference = TensorDifference(out.view.elements, expected)
            #expect(difference.relative < 1e-5, "\(level): \(difference)")
        }
    }

    @Test("Scores far apart give the value of the best key alone, and a NaN is never hidden", arguments: [1, 5])
    func extremes(rows: Int) throws {
        let (width, keys) = (8, 20)
        for level in KernelLevel.supported {
            let attention = MultiHeadAttention(
                width: width, heads: 1, kernels: try #require(Kernels(level: level)))
            /// Each query's first element times each key's is a score, and a key's value is its number plus one.
            func result(_ scores: [Float]) -> [Float] {
                func row(_ first: Float) -> [Float] { [first] + [Float](repeating: 0, count: width - 1) }
                let queries = Matrix(rows: rows, columns: width, elements: (0..<rows).flatMap { _ in row(1e15) })
                let keyValues = Matrix(
                    rows: keys, columns: 2 * width,
                    elements: (0..<keys).flatMap { key in
                        row(key < scores.count ? scores[key] : 0) + [Float](repeating: Float(key + 1), count: width)
                    })
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
                let isHidden = result(scores).contains { !$0.isNaN }
                #expect(!isHidden, "\(level), a NaN at \(position)")
            }
        }
    }

    @Test("Keys in two blocks are as good as in one", arguments: [1, 3])
    func blocks(extra: Int) {
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
            queries: queries.view, keyValues: keyValues.view.rows(0..<keys - extra),
            extraKeyValues: keyValues.view.rows(keys - extra..<keys), batch: batch, into: split.mutableView)
        #expect(TensorDifference(split.view.elements, whole.view.elements).relative < 1e-5)
    }

    @Test("Keys that are kept as bfloat16 count as the floats they were rounded to", arguments: [1, 2, 7], [8, 24])
    func keptKeys(rows: Int, headWidth: Int) throws {
        var random = SplitMix64(seed: 9)
        let (width, keys) = (3 * headWidth, 19)
        let queries = Matrix(rows: rows, columns: width, elements: random.floats(rows * width))
        let exact = random.floats(2 * keys * width)
        let extra = Matrix(rows: 1, columns: 2 * width, elements: random.floats(2 * width))
        for format in [NumberFormat.f32, .bf16] {
            // All rounded values have 16 bits that are 0, so rounding them once more changes nothing.
            let rounded = exact.map { format == .f32 ? $0 : Float(bitPattern: ($0.bitPattern + 0x8000) & 0xffff_0000) }
            let keyValues = Matrix(rows: keys, columns: 2 * width, elements: rounded)
            for level in KernelLevel.supported {
                let kernels = try #require(Kernels(level: level))
                let attention = MultiHeadAttention(width: width, heads: 3, kernels: kernels)
                let batch = attention.makeBatch(keys: keys + 1)
                var expected = MatrixBuffer(rows: rows, columns: width)
                attention.attend(
                    queries: queries.view, keyValues: keyValues.view, extraKeyValues: extra.view, batch: batch,
                    into: expected.mutableView)

                let kept = KeptRows.stack(of: 2, rows: keys, columns: 2 * width, for: format)
                // The second of the stack, in two pieces, as they come.
                kept[1].copy(keyValues.view.rows(0..<5), to: 0, kernels)
                kept[1].copy(keyValues.view.rows(5..<keys), to: 5, kernels)
                var out = MatrixBuffer(rows: rows, columns: width)
                unsafe attention.add(
                    queries: queries.view, keyValues: kept[1], extraKeyValues: extra.view, into: out.mutableView,
                    to: batch)
                withExtendedLifetime(kept) { attention.attend(batch) }
                let difference = TensorDifference(out.view.elements, expected.view.elements)
                #expect(difference.relative < 1e-5, "\(level), \(format): \(difference)")
            }
        }
    }
}
