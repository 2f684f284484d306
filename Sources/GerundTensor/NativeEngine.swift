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
        let format = self.precision.format
        let panels = Panels(weights: weights, bias: bias, format: format)
        return Layer(format: format, panels: panels, later: nil, kernels: kernels, pool: self.pool)
    }

    /// The packed weights, which nothing writes after the initialiser.
    private final class Panels: Sendable {
        let outputs, count, groups: Int
        let weights: AlignedStorage
        let byteCount: Int
        /// Of the outputs in whole panels; of bytes only.
        let scales, sums: AlignedStorage?
        /// Of the outputs in whole panels.
        let bias: AlignedStorage?

        init(weights: Matrix, bias: Matrix?, format: NumberFormat) {
            let panel = Int(GK_PANEL_OUTPUTS)
            self.outputs = weights.rows
            self.count = (weights.rows + panel - 1) / panel
            self.byteCount = gk_panel_bytes(format.code, weights.rows, weights.columns)
            self.groups = self.byteCount / (self.count * panel * Int(GK_GROUP_BYTES))
            let padded = self.count * panel
            func row() -> AlignedStorage { AlignedStorage(count: padded, zeroed: true) }
            self.weights = AlignedStorage(
                count: self.byteCount / MemoryLayout<Float>.stride, zeroed: false, isReadInOrder: true)
            self.scales = format == .int8 ? row() : nil
            self.sums = format == .int8 ? row() : nil
            self.bias = bias == nil ? nil : row()
            if let bias { unsafe self.bias?.base.update(from: bias.view.base, count: self.outputs) }
            unsafe gk_pack(
                format.code, weights.view.base, weights.rows, weights.columns, self.weights.base, self.scales?.base,
                self.sums.map { unsafe Self.counts($0) })
        }

        /// Whole numbers, as many as the storage has floats.
        static func counts(_ storage: AlignedStorage) -> UnsafeMutablePointer<Int32> {
            unsafe UnsafeMutableRawPointer(storage.base).bindMemory(to: Int32.self, capacity: storage.count)
        }
    }

    private struct Layer: PackedLinear {
        let format: NumberFormat
        let panels: Panels
        /// What is fetched from memory while this layer computes.
        var later: Panels?
        let kernels: Kernels
        let pool: WorkerPool

        var padsRows: Bool { true }

        func fetching(_ later: any PackedLinear) -> any PackedLinear {
            var layer = self
            layer.later = (later as? Layer)?.panels
            return layer
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
            let (panels, later, format) = (self.panels, self.later, self.format.code)
            let product = unsafe gk_product(
                x: x, x_stride: stride, x_scale: scales, x_zero: zeros, panels: UnsafeRawPointer(panels.weights.base),
                w_scale: panels.scales?.base, w_sum: panels.sums.map { unsafe Panels.counts($0) },
                bias: panels.bias?.base, out: out, out_stride: outStride,
                out_is_bf16: isBFloat16 ? 1 : 0, rows: rows, groups: panels.groups, outputs: panels.outputs,
                epilogue: epilogue.code, later: later.map { unsafe UnsafeRawPointer($0.weights.base) },
                later_bytes: later?.byteCount ?? 0)
            unsafe withUnsafePointer(to: product) { product in
                // One run of panels a thread, since every start waits for memory once.
                let parts = min(self.pool.threadCount, panels.count)
                self.pool.run(parts: parts) { part, _ in
                    let first = panels.count * part / parts, end = panels.count * (part + 1) / parts
                    unsafe gk_multiply(format, product, first, end)
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
