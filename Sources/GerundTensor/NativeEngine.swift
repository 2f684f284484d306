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
        let panels = Panels(weights: weights, bias: bias, format: self.precision.format)
        return Layer(panels: panels, later: nil, kernels: kernels, pool: self.pool)
    }

    /// The packed weights, freed with the last reference.
    @safe
    private final class Panels: @unchecked Sendable {
        // Sendable: nothing changes after the initialiser, the memory behind the pointers included; it is freed with the
        // last reference, when no product of it is under way.
        let format: NumberFormat
        let outputs, count, groups: Int
        let weights: MappedMemory
        let byteCount: Int
        /// Of the outputs in whole panels; without meaning but for bytes.
        let scales: UnsafeMutablePointer<Float>
        let sums: UnsafeMutablePointer<Int32>
        /// Of the outputs in whole panels.
        let bias: UnsafeMutablePointer<Float>?

        init(weights: Matrix, bias: Matrix?, format: NumberFormat) {
            let panel = Int(GK_PANEL_OUTPUTS)
            self.format = format
            self.outputs = weights.rows
            self.count = (weights.rows + panel - 1) / panel
            let size = gk_panel_bytes(format.code, weights.rows, weights.columns)
            self.byteCount = size
            self.groups = size / (self.count * panel * Int(GK_GROUP_BYTES))
            let isBytes = format == .int8
            self.weights = MappedMemory(byteCount: size, isReadInOrder: true)
            unsafe self.scales = .allocate(capacity: isBytes ? self.count * panel : 1)
            unsafe self.sums = .allocate(capacity: isBytes ? self.count * panel : 1)
            if let bias {
                let row = UnsafeMutablePointer<Float>.allocate(capacity: self.count * panel)
                unsafe row.initialize(repeating: 0, count: self.count * panel)
                unsafe row.update(from: bias.view.base, count: self.outputs)
                unsafe self.bias = row
            } else {
                unsafe self.bias = nil
            }
            unsafe gk_pack(
                format.code, weights.view.base, weights.rows, weights.columns, self.weights.base,
                isBytes ? self.scales : nil,
                isBytes ? self.sums : nil)
        }

        deinit {
            unsafe self.scales.deallocate()
            unsafe self.sums.deallocate()
            unsafe self.bias?.deallocate()
        }
    }

    private struct Layer: PackedLinear {
        let panels: Panels
        /// What is fetched from memory while this layer computes.
        var later: Panels?
        /// With more rows the cache is full of them, and waiting for the later weights is a small part of the whole.
        private static let fewRows = 128
        let kernels: Kernels
        let pool: WorkerPool

        var format: NumberFormat { self.panels.format }
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
            let (panels, format) = (self.panels, self.format.code)
            let later = rows <= Self.fewRows ? self.later : nil
            let product = unsafe gk_product(
                x: x, x_stride: stride, x_scale: scales, x_zero: zeros, panels: UnsafeRawPointer(panels.weights.base),
                w_scale: panels.scales, w_sum: panels.sums, bias: panels.bias, out: out, out_stride: outStride,
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
