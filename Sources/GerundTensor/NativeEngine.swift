import CGerundKernels
import Glibc

/// Products by Gerund's own kernels for AVX-512 with its extensions: weights in panels, everything that follows a
/// product fused into it, and weights fetched from memory ahead of their use, which is what products of some tens of
/// rows otherwise wait for.
public struct NativeEngine: MatrixEngine {
    public let precision: Precision
    private let pool: WorkerPool

    /// - Parameter pool: The threads that share a product's outputs.
    /// - Returns: `nil` when this processor lacks the instructions, or the kernels are capped below AVX-512.
    public init?(precision: Precision, pool: WorkerPool) {
        guard KernelLevel.selected == .avx512, gk_can_multiply(precision.format.code) != 0 else { return nil }
        self.precision = precision
        self.pool = pool
    }

    public var name: String { "\(self.library) \(self.precision)" }

    public var library: String { "Gerund AVX-512" }

    public func pack(weights: Matrix, bias: Matrix?, kernels: Kernels) -> any PackedLinear {
        Layer(weights: weights, bias: bias, format: self.precision.format, kernels: kernels, pool: self.pool)
    }

    /// The packed weights, freed with the last reference.
    @safe
    private final class Layer: PackedLinear, @unchecked Sendable {
        // Sendable: nothing changes after the initialiser, the memory behind the pointers included; it is freed with the
        // last reference, when no product of it is under way.
        let format: NumberFormat
        let padsRows = true
        let inputs: Int
        private let outputs, panels, groups: Int
        private let kernels: Kernels
        private let pool: WorkerPool
        private let weights: MappedMemory
        /// Of the outputs in whole panels; without meaning but for bytes.
        private let scales: UnsafeMutablePointer<Float>
        private let sums: UnsafeMutablePointer<Int32>
        /// Of the outputs in whole panels.
        private let bias: UnsafeMutablePointer<Float>?

        init(
            weights: Matrix, bias: Matrix?, format: NumberFormat, kernels: Kernels, pool: WorkerPool
        ) {
            let panel = Int(GK_PANEL_OUTPUTS)
            self.format = format
            self.inputs = weights.columns
            self.outputs = weights.rows
            self.panels = (weights.rows + panel - 1) / panel
            self.kernels = kernels
            self.pool = pool
            let size = gk_panel_bytes(format.code, weights.rows, weights.columns)
            self.groups = size / (self.panels * panel * Int(GK_GROUP_BYTES))
            let isBytes = format == .int8
            self.weights = MappedMemory(byteCount: size, isReadInOrder: true)
            unsafe self.scales = .allocate(capacity: isBytes ? self.panels * panel : 1)
            unsafe self.sums = .allocate(capacity: isBytes ? self.panels * panel : 1)
            if let bias {
                let row = UnsafeMutablePointer<Float>.allocate(capacity: self.panels * panel)
                unsafe row.initialize(repeating: 0, count: self.panels * panel)
                unsafe row.update(from: bias.view.base, count: self.outputs)
                unsafe self.bias = row
            } else {
                unsafe self.bias = nil
            }
            unsafe gk_pack(
                format.code, weights.view.base, self.outputs, self.inputs, self.weights.base,
                isBytes ? self.scales : nil,
                isBytes ? self.sums : nil)
        }

        deinit {
            unsafe self.scales.deallocate()
            unsafe self.sums.deallocate()
            unsafe self.bias?.deallocate()
        }

        func apply(to x: MatrixView, then epilogue: Epilogue, into out: consuming MutableMatrixView) {
            guard self.format == .f32 else {
                let operand = Operand(
                    rows: x.rows, columns: x.columns, format: self.format, padsRows: true, kernels: self.kernels)
                operand.staged(0..<x.rows).copy(from: x)
                operand.commit(0..<x.rows)
                return self.apply(to: operand, rows: 0..<x.rows, then: epilogue, into: out)
            }
            unsafe self.run(
                x: x.base, stride: x.stride * MemoryLayout<Float>.stride, scales: nil, zeros: nil, rows: x.rows,
                epilogue,
                into: out.base, stride: out.stride, isBFloat16: false)
            self.activate(epilogue, out)
        }

        func apply(
            to x: Operand, rows: Range<Int>, then epilogue: Epilogue, into out: consuming MutableMatrixView
        ) {
            unsafe self.run(
                x, rows, epilogue, into: out.base, stride: out.stride, isBFloat16: false)
            self.activate(epilogue, out)
        }

        func apply(to x: Operand, rows: Range<Int>, then epilogue: Epilogue, into out: Operand, outRows: Range<Int>) {
            guard out.format == .bf16, epilogue.isFused else {
                self.apply(to: x, rows: rows, then: epilogue, into: out.staged(outRows))
                return out.commit(outRows)
            }
            unsafe self.run(
                x, rows, epilogue, into: out.base + outRows.lowerBound * out.byteStride, stride: out.byteStride / 2,
                isBFloat16: true)
        }

        @unsafe
        private func run(
            _ x: Operand, _ rows: Range<Int>, _ epilogue: Epilogue, into out: UnsafeMutableRawPointer, stride: Int,
            isBFloat16: Bool
        ) {
            precondition(x.format == self.format, "a product of \(self.format) of \(x.format)")
            let first = rows.lowerBound
            unsafe self.run(
                x: x.base + first * x.byteStride, stride: x.byteStride, scales: x.scales + first,
                zeros: x.zeros + first, rows: rows.count, epilogue, into: out, stride: stride, isBFloat16: isBFloat16)
        }

        @unsafe
        private func run(
            x: UnsafeRawPointer, stride: Int, scales: UnsafePointer<Float>?, zeros: UnsafePointer<Int32>?, rows: Int,
            _ epilogue: Epilogue, into out: UnsafeMutableRawPointer, stride outStride: Int, isBFloat16: Bool
        ) {
            guard rows > 0 else { return }
            let product = unsafe gk_product(
                x: x, x_stride: stride, x_scale: scales, x_zero: zeros, panels: UnsafeRawPointer(self.weights.base),
                w_scale: self.scales, w_sum: self.sums, bias: self.bias, out: out, out_stride: outStride,
                out_is_bf16: isBFloat16 ? 1 : 0, rows: rows, groups: self.groups, outputs: self.outputs,
                epilogue: epilogue.code)
            unsafe withUnsafePointer(to: product) { product in
                // One run of panels a thread, since every start waits for memory once.
                let parts = min(self.pool.threadCount, self.panels)
                self.pool.run(parts: parts) { part, _ in
                    let first = self.panels * part / parts, end = self.panels * (part + 1) / parts
                    unsafe gk_multiply(self.format.code, product, first, end)
                }
            }
        }

        /// What the kernels don't have.
        private func activate(_ epilogue: Epilogue, _ out: consuming MutableMatrixView) {
            guard !epilogue.isFused, case .activate(let activation) = epilogue else { return }
            self.kernels.activate(out, bias: nil, activation)
        }
    }
}

extension NumberFormat {
    var code: gk_format {
        switch self {
        case .f32: GK_FORMAT_F32
        case .bf16: GK_FORMAT_BF16
        case .int8: GK_FORMAT_INT8
        }
    }
}

extension Epilogue {
    /// Whether the kernels have it.
    fileprivate var isFused: Bool {
        if case .activate(.gelu) = self { false } else { true }
    }

    fileprivate var code: gk_epilogue {
        switch self {
        case .store, .activate(.gelu): GK_STORE
        case .activate(.quickGELU): GK_QUICK_GELU
        case .accumulate: GK_ACCUMULATE
        }
    }
}
