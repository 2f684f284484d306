import GerundTensor
import GerundTesting
import Testing

@Suite("Linear")
struct LinearTests {
    static let sizes = [(1, 1, 1), (3, 7, 5), (8, 16, 16), (50, 33, 17), (57, 128, 96)]

    /// Each engine of this machine and build with the largest difference that its precision explains, relative to the
    /// largest element.
    static let engines: [(backend: ComputeBackend, tolerance: Float)] = {
        // float32: sums of up to 128 terms; bfloat16: 8 significant bits in each factor; bytes: 7 or 8.
        let tolerances: [(precision: Precision, tolerance: Float)] = [(.f32, 1e-5), (.bf16, 1e-2), (.int8, 2e-2)]
        var engines = [(ComputeBackend(), Float(1e-5))]
        let pool = WorkerPool(threads: 3)
        for (precision, tolerance) in tolerances {
            if let engine = NativeEngine(precision: precision, pool: pool) {
                engines.append((ComputeBackend(engine: engine), tolerance))
            }
            #if ONEDNN
            if let engine = OneDNNEngine(precision: precision) {
                engines.append((ComputeBackend(engine: engine), tolerance))
            }
            #endif
        }
        return engines
    }()

    @Test("Every engine agrees with the reference product for every epilogue", arguments: sizes)
    func engines(rows: Int, inputs: Int, outputs: Int) {
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
                    layer.apply(to: x.view, then: epilogue, into: out.mutableView)
                    return out.view.elements
                }
                let expected = result(ComputeBackend(kernels: .scalar, engine: ReferenceEngine()))
                for (backend, tolerance) in Self.engines {
                    let difference = TensorDifference(result(backend), expected)
                    #expect(difference.relative < tolerance, "\(backend.engine.name), \(epilogue): \(difference)")
                }
            }
        }
    }

    @Test("Rows may be every n-th of a larger matrix, and results a part of another", arguments: 0..<6)
    func views(engine: Int) {
        guard engine < Self.engines.count else { return }  // this machine or build has fewer
        let (backend, tolerance) = Self.engines[engine]
        var random = SplitMix64(seed: 9)
        let weights = Matrix(rows: 6, columns: 10, elements: random.floats(60))
        let layer = Linear(weights: weights, bias: nil, backend: backend)
        let x = Matrix(rows: 12, columns: 13, elements: random.floats(12 * 13))
        var out = MatrixBuffer(rows: 5, columns: 9)
        layer.apply(
            to: x.view.rows(from: 1, by: 4).columns(2..<12), into: out.mutableView.rows(1..<4).columns(3..<9))
        for row in 0..<5 {
            for column in 0..<9 {
                var expected: Float = 0
                if (1..<4).contains(row) && column >= 3 {
                    for k in 0..<10 { expected += x.view[1 + 4 * (row - 1), 2 + k] * weights.view[column - 3, k] }
                }
                #expect(abs(out.view[row, column] - expected) < 4 * tolerance)  // elements are up to 4
            }
        }
    }

    @Test(
        "A row's result is the same to the bit in any company and with any number of threads",
        arguments: Precision.allCases)
    func bits(precision: Precision) throws {
        let (inputs, outputs, rows) = (100, 90, 61)
        var random = SplitMix64(seed: 3)
        let weights = Matrix(rows: outputs, columns: inputs, elements: random.floats(outputs * inputs))
        let x = Matrix(rows: rows, columns: inputs, elements: random.floats(rows * inputs))
        var results: [[Float]] = []
        for threads in [1, 2, 5] {
            guard let engine = NativeEngine(precision: precision, pool: WorkerPool(threads: threads)) else { return }
            let layer = Linear(weights: weights, bias: nil, backend: ComputeBackend(engine: engine))
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

    @Test("A result may go straight into the next layer's operand", arguments: 0..<6)
    func chained(engine: Int) {
        guard engine < Self.engines.count else { return }  // this machine or build has fewer
        let (backend, tolerance) = Self.engines[engine]
        var random = SplitMix64(seed: 4)
        let first = Linear(
            weights: Matrix(rows: 40, columns: 30, elements: random.floats(1200)), bias: nil, backend: backend)
        let second = Linear(
            weights: Matrix(rows: 20, columns: 40, elements: random.floats(800)), bias: nil, backend: backend)
        let x = Matrix(rows: 9, columns: 30, elements: random.floats(270))
        let (given, between) = (first.makeOperand(rows: 12), second.makeOperand(rows: 12))
        given.staged(2..<11).copy(from: x.view)
        given.commit(2..<11)
        var out = MatrixBuffer(rows: 9, columns: 20)
        for activation in Activation.allCases {
            first.apply(to: given, rows: 2..<11, then: .activate(activation), into: between)
            second.apply(to: between, rows: 2..<11, into: out.mutableView)
            var middle = MatrixBuffer(rows: 9, columns: 40)
            first.apply(to: x.view, then: .activate(activation), into: middle.mutableView)
            let difference = TensorDifference(out.view.elements, second(middle.view).view.elements)
            #expect(difference.relative < tolerance, "\(backend.engine.name), \(activation): \(difference)")
        }
    }

    @Test("Fetching another layer's weights meanwhile changes no result", arguments: 0..<6, [2, 30, 57])
    func fetching(engine: Int, rows: Int) {
        guard engine < Self.engines.count else { return }  // this machine or build has fewer
        let (inputs, outputs) = (70, 100)
        var random = SplitMix64(seed: 21)
        func layer(_ inputs: Int, _ outputs: Int) -> Linear {
            Linear(
                weights: Matrix(rows: outputs, columns: inputs, elements: random.floats(outputs * inputs)), bias: nil,
                backend: Self.engines[engine].backend)
        }
        let alone = layer(inputs, outputs)
        let x = Matrix(rows: rows, columns: inputs, elements: random.floats(rows * inputs))
        // Smaller, as large, and larger than the tiles can fetch.
        for later in [layer(3, 5), layer(inputs, outputs), layer(400, 300)] {
            #expect(alone.fetching(later)(x.view).view.elements == alone(x.view).view.elements)
        }
    }

    @Test("Layers that are joined give what they give apart, side by side")
    func joined() throws {
        let scope = WeightScope(NumberedWeights(), backend: ComputeBackend())
        let joined = try Linear(joining: [scope.scoped("k"), scope.scoped("v")], inputs: 5, outputs: 3)
        let parts = try [
            Linear(scope.scoped("k"), inputs: 5, outputs: 3), Linear(scope.scoped("v"), inputs: 5, outputs: 3),
        ]
        var random = SplitMix64(seed: 1)
        let x = Matrix(rows: 4, columns: 5, elements: random.floats(20))
        let together = joined(x.view)
        for (index, part) in parts.enumerated() {
            let alone = part(x.view)
            let columns = together.view.columns(index * 3..<index * 3 + 3).elements
            #expect(TensorDifference(columns, alone.view.elements).relative < 1e-6)
        }
    }
}

/// Weights that follow from a tensor's name.
private struct NumberedWeights: WeightSource {
    func contains(_ name: String) -> Bool { true }

    func read(
        _ name: String, shape: [Int], from first: Int, into values: inout MutableSpan<Float>
    ) throws(WeightError) {
        var random = SplitMix64(seed: name.utf8.reduce(UInt64(first)) { $0 &* 31 &+ UInt64($1) })
        for index in 0..<values.count { values[index] = Float.random(in: -1...1, using: &random) }
    }
}
