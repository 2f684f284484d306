import GerundCore
import GerundTensor
import GerundTesting
import Testing

@Suite("Linear")
struct LinearTests {
    /// A matrix-multiplication backend of this machine and build.
    struct Backend: Sendable, CustomTestStringConvertible {
        let compute: ComputeBackend
        /// About three times the largest measured difference from the reference, relative to the largest element.
        let tolerance: Float

        var testDescription: String { self.compute.matmul.name }
    }

    static let backends: [Backend] = {
        // float32: sums of up to 128 terms; bfloat16: 8 significant bits in each factor; bytes: 7 or 8.
        let tolerances: [(precision: Precision, tolerance: Float)] = [(.f32, 1e-6), (.bf16, 8e-3), (.int8, 2e-2)]
        var backends = [Backend(compute: ComputeBackend(), tolerance: 1e-6)]
        let pool = ThreadPool(threads: 3)
        for (precision, tolerance) in tolerances {
            if let matmul = NativeMatmul(precision: precision, pool: pool) {
                backends.append(Backend(compute: ComputeBackend(matmul: matmul), tolerance: tolerance))
            }
            #if ONEDNN
            if let matmul = OneDNNMatmul(precision: precision) {
                backends.append(Backend(compute: ComputeBackend(matmul: matmul), tolerance: tolerance))
            }
            #endif
        }
        return backends
    }()

    /// The precisions that the native backend supports on this machine.
    static let nativePrecisions = Precision.allCases.filter {
        NativeMatmul(precision: $0, pool: ThreadPool(threads: 1)) != nil
    }

    @Test(
        "Every backend agrees with the reference for every epilogue", arguments: backends,
        [(1, 1, 1), (3, 7, 5), (8, 16, 16), (50, 33, 17), (57, 128, 96)])
    func reference(backend: Backend, size: (rows: Int, inputs: Int, outputs: Int)) {
        let (rows, inputs, outputs) = size
        var random = SplitMix64(seed: UInt64(rows))
        let weights = Matrix(rows: outputs, columns: inputs, elements: random.floats(outputs * inputs))
        let bias = Matrix(rows: 1, columns: outputs, elements: random.floats(outputs))
        let x = Matrix(rows: rows, columns: inputs, elements: random.floats(rows * inputs))
        let before = Matrix(rows: rows, columns: outputs, elements: random.floats(rows * outputs))

        for bias in [bias, nil] {
            for epilogue in [Epilogue.store, .accumulate, .activate(.quickGELU), .activate(.gelu)] {
                func result(_ backend: ComputeBackend) -> [Float] {
                    let layer = Linear(weights: weights, bias: bias, backend: backend)
                    var out = MatrixBuffer(rows: rows, columns: outputs)
                    out.mutableView.copy(from: before.view)
                    layer.apply(to: x.view, epilogue: epilogue, into: out.mutableView)
                    return out.view.elements
                }
                let expected = result(ComputeBackend(kernels: .scalar, matmul: ReferenceMatmul()))
                let difference = TensorDifference(result(backend.compute), expected)
                #expect(difference.relative < backend.tolerance, "\(epilogue), bias \(bias != nil): \(difference)")
            }
        }
    }

    @Test("Reads every n-th row of a larger matrix and writes a part of another one", arguments: backends)
    func views(backend: Backend) {
        var random = SplitMix64(seed: 9)
        let weights = Matrix(rows: 6, columns: 10, elements: random.floats(60))
        let layer = Linear(weights: weights, bias: nil, backend: backend.compute)
        let x = Matrix(rows: 12, columns: 13, elements: random.floats(12 * 13))
        var out = MatrixBuffer(rows: 5, columns: 9)
        layer.apply(
            to: x.view.rows(from: 1, by: 4).columns(2..<12), into: out.mutableView.rows(1..<4).columns(3..<9))
        var expected = [Float](repeating: 0, count: 45)
        for row in 1..<4 {
            for column in 3..<9 {
                for k in 0..<10 {
                    expected[row * 9 + column] += x.view[1 + 4 * (row - 1), 2 + k] * weights.view[column - 3, k]
                }
            }
        }
        let elements = out.view.elements
        let difference = TensorDifference(elements, expected)
        #expect(difference.relative < backend.tolerance, "\(difference)")
        #expect(expected.indices.allSatisfy { expected[$0] != 0 || elements[$0] == 0 }, "write outside")
    }

    @Test(
        "A row's result has the same bits with any other rows and any number of threads",
        .enabled(if: !nativePrecisions.isEmpty, "needs AVX-512 with its bfloat16 and VNNI extensions"),
        arguments: nativePrecisions)
    func bits(precision: Precision) throws {
        let (inputs, outputs, rows) = (100, 90, 61)
        var random = SplitMix64(seed: 3)
        let weights = Matrix(rows: outputs, columns: inputs, elements: random.floats(outputs * inputs))
        let x = Matrix(rows: rows, columns: inputs, elements: random.floats(rows * inputs))
        var results: [[Float]] = []
        for threads in [1, 2, 5] {
            let matmul = try #require(NativeMatmul(precision: precision, pool: ThreadPool(threads: threads)))
            let layer = Linear(weights: weights, bias: nil, backend: ComputeBackend(matmul: matmul))
            results.append(layer(x.view).view.elements)
            for count in [1, 2, 13, 14, 15, 29] {
                let first = rows - count
                #expect(
                    layer(x.view.rows(first..<rows)).view.elements == Array(results[0][(first * outputs)...]),
                    "\(count) rows, \(threads) threads")
            }
        }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    @Test("Writes its result to the next layer's input", arguments: backends)
    func chained(backend: Backend) {
        var random = SplitMix64(seed: 4)
        let first = Linear(
            weights: Matrix(rows: 40, columns: 30, elements: random.floats(1200)), bias: nil, backend: backend.compute)
        let second = Linear(
            weights: Matrix(rows: 20, columns: 40, elements: random.floats(800)), bias: nil, backend: backend.compute)
        let x = Matrix(rows: 9, columns: 30, elements: random.floats(270))
        let (input, inner) = (first.makeInput(rows: 12), second.makeInput(rows: 12))
        input.stagingRows(2..<11).copy(from: x.view)
        input.convert(2..<11)
        var out = MatrixBuffer(rows: 9, columns: 20)
        for activation in Activation.allCases {
            first.apply(to: input, rows: 2..<11, epilogue: .activate(activation), into: inner)
            second.apply(to: inner, rows: 2..<11, into: out.mutableView)
            var middle = MatrixBuffer(rows: 9, columns: 40)
            first.apply(to: x.view, epilogue: .activate(activation), into: middle.mutableView)
            let difference = TensorDifference(out.view.elements, second(middle.view).view.elements)
            // Either way quantizes the same values; the fused bfloat16 activation is a coarser approximation.
            #expect(difference.relative < 3e-4, "\(activation): \(difference)")
        }
    }

    @Test("Prefetching another layer's weights changes no result", arguments: backends, [2, 30, 57])
    func prefetching(backend: Backend, rows: Int) {
        let (inputs, outputs) = (70, 100)
        var random = SplitMix64(seed: 21)
        func layer(_ inputs: Int, _ outputs: Int) -> Linear {
            Linear(
                weights: Matrix(rows: outputs, columns: inputs, elements: random.floats(outputs * inputs)), bias: nil,
                backend: backend.compute)
        }
        let alone = layer(inputs, outputs)
        let x = Matrix(rows: rows, columns: inputs, elements: random.floats(rows * inputs))
        // Smaller, as large, and larger than the tiles can prefetch.
        for next in [layer(3, 5), layer(inputs, outputs), layer(400, 300)] {
            #expect(alone.prefetching(next)(x.view).view.elements == alone(x.view).view.elements)
        }
    }

    @Test("Concatenated layers give the results of the single layers side by side")
    func concatenated() throws {
        let scope = ParameterScope(NumberedWeights(), backend: ComputeBackend())
        let concatenated = try Linear(
            concatenating: [scope.scoped("k"), scope.scoped("v")], inputFeatures: 5, outputFeatures: 3)
        let parts = try [
            Linear(scope.scoped("k"), inputFeatures: 5, outputFeatures: 3),
            Linear(scope.scoped("v"), inputFeatures: 5, outputFeatures: 3),
        ]
        var random = SplitMix64(seed: 1)
        let x = Matrix(rows: 4, columns: 5, elements: random.floats(20))
        let together = concatenated(x.view)
        for (index, part) in parts.enumerated() {
            let alone = part(x.view)
            let columns = together.view.columns(index * 3..<index * 3 + 3).elements
            #expect(TensorDifference(columns, alone.view.elements).relative < 1e-6)
        }
    }
}

/// A source of pseudorandom weights that are seeded by the tensor's name.
private struct NumberedWeights: WeightSource {
    func contains(_ name: String) -> Bool { true }

    func read(
        _ name: String, shape: [Int], from first: Int, into values: inout MutableSpan<Float>
    ) throws(WeightError) {
        var random = SplitMix64(seed: name.utf8.reduce(UInt64(first)) { $0 &* 31 &+ UInt64($1) })
        for index in 0..<values.count { values[index] = Float.random(in: -1...1, using: &random) }
    }
}
