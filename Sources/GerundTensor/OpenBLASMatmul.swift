/// Float32 matrix multiplications by OpenBLAS, on every processor.
///
/// The weights stay as they were read.
public struct OpenBLASMatmul: MatmulBackend {
    /// The number of threads that compute one multiplication, the calling one included.
    public let threadCount: Int

    /// Creates the backend.
    ///
    /// - Parameter threads: The number of threads that compute one multiplication, at least 1.
    public init(threads: Int = ThreadPool.availableCoreCount) {
        precondition(threads > 0, "\(threads) threads")
        self.threadCount = threads
    }

    /// The precision of the multiplications.
    public var precision: Precision { .f32 }

    /// OpenBLAS, with the processor family whose kernels are in use.
    public var libraryName: String { "OpenBLAS (\(OpenBLAS.coreName))" }

    /// Returns the weights, `[outputs, inputs]`, and the bias, `[1, outputs]`, of one linear layer, packed.
    public func pack(weights: Matrix, bias: Matrix?, kernels: Kernels) -> any PackedLinear {
        Layer(weights: weights, bias: bias, threads: self.threadCount, kernels: kernels)
    }

    private struct Layer: FloatLinear {
        let weights: Matrix
        let bias: Matrix?
        let threads: Int
        let kernels: Kernels

        func apply(to x: MatrixView, epilogue: Epilogue, into out: consuming MutableMatrixView) {
            var out = out
            OpenBLAS.useThreads(self.threads)
            switch epilogue {
            case .store:
                OpenBLAS.gemm(x, transposed: self.weights.view, into: out.reborrow())
                if let bias { self.kernels.addBias(bias.view, to: out) }
            case .activate(let activation):
                OpenBLAS.gemm(x, transposed: self.weights.view, into: out.reborrow())
                self.kernels.activate(out, bias: bias, activation)
            case .accumulate:
                OpenBLAS.gemm(x, transposed: self.weights.view, beta: 1, into: out.reborrow())
                if let bias { self.kernels.addBias(bias.view, to: out) }
            }
        }
    }
}
