/// Float32 matrix multiplications one element at a time: slow, and the reference in the tests of every other backend.
public struct ReferenceMatmul: MatmulBackend {
    /// Creates the backend.
    public init() {}

    /// The precision of the multiplications.
    public var precision: Precision { .f32 }

    /// The reference implementation.
    public var libraryName: String { "reference" }

    /// The number of threads that compute one multiplication, the calling one included.
    public var threadCount: Int { 1 }

    /// Returns the weights, `[outputs, inputs]`, and the bias, `[1, outputs]`, of one linear layer, packed.
    public func pack(weights: Matrix, bias: Matrix?, kernels: Kernels) -> any PackedLinear {
        Layer(weights: weights, bias: bias, kernels: kernels)
    }

    private struct Layer: FloatLinear {
        let weights: Matrix
        let bias: Matrix?
        let kernels: Kernels

        func apply(to x: MatrixView, epilogue: Epilogue, into out: consuming MutableMatrixView) {
            var sums = MatrixBuffer(rows: x.rows, columns: self.weights.rows)
            let weights = self.weights.view
            precondition(x.columns == weights.columns, "[\(x.rows), \(x.columns)] by \(weights.columns) inputs")
            for row in 0..<x.rows {
                for output in 0..<weights.rows {
                    var sum = 0.0
                    for input in 0..<x.columns {
                        sum += unsafe Double(
                            x.base[row * x.stride + input] * weights.base[output * weights.stride + input])
                    }
                    unsafe sums.storage.base[row * sums.columns + output] = Float(sum)
                }
            }
            if let bias { self.kernels.addBias(bias.view, to: sums.mutableView) }
            switch epilogue {
            case .store:
                out.copy(from: sums.view)
            case .activate(let activation):
                self.kernels.activate(sums.mutableView, bias: nil, activation)
                out.copy(from: sums.view)
            case .accumulate:
                self.kernels.add(sums.view, to: out)
            }
        }
    }
}
