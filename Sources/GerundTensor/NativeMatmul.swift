import CGerundKernels
import Glibc

/// Matrix multiplications by Gerund's own kernels for AVX-512 with its bfloat16 and VNNI extensions.
///
/// Weights are packed in panels, epilogues are fused, and weights are prefetched from memory ahead of their use, which
/// multiplications of some tens of rows otherwise spend most of their time waiting for.
public struct NativeMatmul: MatmulBackend {
    /// The precision of the multiplications.
    public let precision: Precision
    private let pool: ThreadPool

    /// Creates the backend; `nil` if this processor lacks the instructions, or the kernels are capped below AVX-512 by
    /// ``KernelLevel/selected``.
    ///
    /// - Parameters:
    ///   - precision: The precision of the multiplications.
    ///   - pool: The threads that divide the outputs of a multiplication among them.
    public init?(precision: Precision, pool: ThreadPool) {
        guard KernelLevel.selected == .avx512, gerund_gemm_supports(precision.elementType.gemmType) != 0 else {
            return nil
        }
        self.precision = precision
        self.pool = pool
    }

    /// Gerund, with the instruction set.
    public var libraryName: String { "Gerund AVX-512" }

    /// The number of threads that compute one multiplication, the calling one included.
    public var threadCount: Int { self.pool.threadCount }

    /// Returns the weights, `[outputs, inputs]`, and the bias, `[1, outputs]`, of one linear layer, packed.
    public func pack(weights: Matrix, bias: Matrix?, kernels: Kernels) -> any PackedLinear {
        let type = self.precision.elementType
        let panels = Panels(weights: weights, bias: bias, type: type)
        return Layer(inputType: type, panels: panels, next: nil, kernels: kernels, pool: self.pool)
    }

    /// The packed weights, immutable after the initializer.
    private final class Panels: Sendable {
        let outputs, count, groups: Int
        let weights: AlignedStorage
        let byteCount: Int
        /// The scale and the sum of the weights of each output, padded to whole panels; 8-bit weights only.
        let scales, sums: AlignedStorage?
        /// The bias, padded to whole panels.
        let bias: AlignedStorage?

        init(weights: Matrix, bias: Matrix?, type: ElementType) {
            let panel = Int(GERUND_GEMM_PANEL_OUTPUTS)
            self.outputs = weights.rows
            self.count = (weights.rows + panel - 1) / panel
            self.byteCount = gerund_gemm_panel_bytes(type.gemmType, weights.rows, weights.columns)
            self.groups = self.byteCount / (self.count * panel * Int(GERUND_GEMM_GROUP_BYTES))
            let padded = self.count * panel
            func row() -> AlignedStorage { AlignedStorage(count: padded, zeroed: true) }
            self.weights = AlignedStorage(
                count: self.byteCount / MemoryLayout<Float>.stride, zeroed: false, usesHugePages: true)
            self.scales = type == .uint8 ? row() : nil
            self.sums = type == .uint8 ? row() : nil
            self.bias = bias == nil ? nil : row()
            if let bias { unsafe self.bias?.base.update(from: bias.view.base, count: self.outputs) }
            unsafe gerund_gemm_pack(
                type.gemmType, weights.view.base, weights.rows, weights.columns, self.weights.base, self.scales?.base,
                self.sums.map { unsafe Self.integers($0) })
        }

        /// Returns the memory of the storage's floats as integers.
        static func integers(_ storage: AlignedStorage) -> UnsafeMutablePointer<Int32> {
            unsafe UnsafeMutableRawPointer(storage.base).bindMemory(to: Int32.self, capacity: storage.count)
        }
    }

    private struct Layer: PackedLinear {
        let inputType: ElementType
        let panels: Panels
        /// The weights to prefetch while this layer computes.
        var next: Panels?
        let kernels: Kernels
        let pool: ThreadPool

        var padsRows: Bool { true }

        func prefetching(_ next: any PackedLinear) -> any PackedLinear {
            var layer = self
            layer.next = (next as? Layer)?.panels
            return layer
        }

        func apply(to x: MatrixView, epilogue: Epilogue, into out: consuming MutableMatrixView) {
            guard self.inputType == .float32 else {
                let input = LinearInput(
                    rows: x.rows, columns: x.columns, elementType: self.inputType, padsRows: true,
                    kernels: self.kernels)
                input.stagingRows(0..<x.rows).copy(from: x)
                input.convert(0..<x.rows)
                return self.apply(to: input, rows: 0..<x.rows, epilogue: epilogue, into: out)
            }
            unsafe self.multiply(
                x: x.base, stride: x.stride * MemoryLayout<Float>.stride, scales: nil, zeroPoints: nil, rows: x.rows,
                epilogue, into: out.base, stride: out.stride, isBFloat16: false)
            self.activate(epilogue, out)
        }

        func apply(
            to x: LinearInput, rows: Range<Int>, epilogue: Epilogue, into out: consuming MutableMatrixView
        ) {
            unsafe self.multiply(x, rows, epilogue, into: out.base, stride: out.stride, isBFloat16: false)
            self.activate(epilogue, out)
        }

        func apply(
            to x: LinearInput, rows: Range<Int>, epilogue: Epilogue, into out: LinearInput, outRows: Range<Int>
        ) {
            guard out.elementType == .bfloat16, epilogue.isFused else {
                self.apply(to: x, rows: rows, epilogue: epilogue, into: out.stagingRows(outRows))
                return out.convert(outRows)
            }
            unsafe self.multiply(
                x, rows, epilogue, into: out.base + outRows.lowerBound * out.byteStride, stride: out.byteStride / 2,
                isBFloat16: true)
        }

        @unsafe
        private func multiply(
            _ x: LinearInput, _ rows: Range<Int>, _ epilogue: Epilogue, into out: UnsafeMutableRawPointer,
            stride: Int, isBFloat16: Bool
        ) {
            precondition(x.elementType == self.inputType, "expected \(self.inputType), found \(x.elementType)")
            let first = rows.lowerBound
            unsafe self.multiply(
                x: x.base + first * x.byteStride, stride: x.byteStride, scales: x.scales + first,
                zeroPoints: x.zeroPoints + first, rows: rows.count, epilogue, into: out, stride: stride,
                isBFloat16: isBFloat16)
        }

        @unsafe
        private func multiply(
            x: UnsafeRawPointer, stride: Int, scales: UnsafePointer<Float>?, zeroPoints: UnsafePointer<Int32>?,
            rows: Int, _ epilogue: Epilogue, into out: UnsafeMutableRawPointer, stride outStride: Int,
            isBFloat16: Bool
        ) {
            guard rows > 0 else { return }
            let (panels, next, type) = (self.panels, self.next, self.inputType.gemmType)
            let arguments = unsafe gerund_gemm_args(
                x: x, x_stride: stride, x_scale: scales, x_zero_point: zeroPoints,
                panels: UnsafeRawPointer(panels.weights.base), w_scale: panels.scales?.base,
                w_sum: panels.sums.map { unsafe Panels.integers($0) }, bias: panels.bias?.base, out: out,
                out_stride: outStride, out_is_bf16: isBFloat16 ? 1 : 0, rows: rows, groups: panels.groups,
                outputs: panels.outputs, epilogue: epilogue.code,
                prefetch: next.map { unsafe UnsafeRawPointer($0.weights.base) }, prefetch_bytes: next?.byteCount ?? 0)
            unsafe withUnsafePointer(to: arguments) { arguments in
                // One range of consecutive panels per thread, since the first panel of each range isn't prefetched.
                let tasks = min(self.pool.threadCount, panels.count)
                self.pool.run(tasks: tasks) { task, _ in
                    let first = panels.count * task / tasks, end = panels.count * (task + 1) / tasks
                    unsafe gerund_gemm(type, arguments, first, end)
                }
            }
        }

        /// Applies the activation that the kernels can't fuse, exact GELU.
        private func activate(_ epilogue: Epilogue, _ out: consuming MutableMatrixView) {
            guard !epilogue.isFused, case .activate(let activation) = epilogue else { return }
            self.kernels.activate(out, bias: nil, activation)
        }
    }
}

extension ElementType {
    var gemmType: gerund_gemm_type {
        switch self {
        case .float32: GERUND_GEMM_F32
        case .bfloat16: GERUND_GEMM_BF16
        case .uint8: GERUND_GEMM_U8S8
        }
    }
}

extension Epilogue {
    /// A Boolean value that indicates whether the kernels fuse the epilogue.
    fileprivate var isFused: Bool {
        if case .activate(.gelu) = self { false } else { true }
    }

    fileprivate var code: gerund_gemm_epilogue {
        switch self {
        case .store, .activate(.gelu): GERUND_GEMM_STORE
        case .activate(.quickGELU): GERUND_GEMM_QUICK_GELU
        case .accumulate: GERUND_GEMM_ACCUMULATE
        }
    }
}
