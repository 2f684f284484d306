/// Float32 products by OpenBLAS: runs everywhere. The weights stay as they were read.
public struct OpenBLASEngine: MatrixEngine {
    public init() {}

    public var name: String { "\(self.library) float32" }

    public var library: String { "OpenBLAS (\(OpenBLAS.coreName))" }

    public func pack(weights: Matrix, bias: Matrix?, kernels: Kernels) -> any PackedLinear {
        Layer(weights: weights, bias: bias, kernels: kernels)
    }

    private struct Layer: FloatLinear {
        let weights: Matrix
        let bias: Matrix?
        let kernels: Kernels

        func apply(to x: MatrixView, then epilogue: Epilogue, into out: consuming MutableMatrixView) {
            var out = out
            switch epilogue {
            case .store:
                OpenBLAS.multiply(x, transposed: self.weights.view, into: out.reborrow())
                if let bias { self.kernels.addBias(bias.view, to: out) }
            case .activate(let activation):
                OpenBLAS.multiply(x, transposed: self.weights.view, into: out.reborrow())
                self.kernels.activate(out, bias: bias, activation)
            case .accumulate:
                OpenBLAS.multiply(x, transposed: self.weights.view, beta: 1, into: out.reborrow())
                if let bias { self.kernels.addBias(bias.view, to: out) }
            }
        }
    }
}
