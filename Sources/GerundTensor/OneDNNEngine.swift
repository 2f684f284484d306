#if ONEDNN
import COneDNN

/// Products by oneDNN, its weights packed for the processor's widest instructions; bias, activation and residual are
/// fused into the product.
public struct OneDNNEngine: MatrixEngine {
    public let precision: Precision

    /// - Returns: `nil` when this processor has no instructions for the precision, or oneDNN doesn't work here.
    public init?(precision: Precision) {
        guard precision != .int8, gd_supports(precision.code) != 0 else { return nil }
        self.precision = precision
    }

    public var name: String { "\(self.library) \(self.precision)" }

    public var library: String { "oneDNN \(Self.version)" }

    /// For example `2.6.3`.
    public static var version: String {
        var (major, minor, patch): (CInt, CInt, CInt) = (0, 0, 0)
        unsafe gd_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    public func pack(weights: Matrix, bias: Matrix?, kernels: Kernels) -> any PackedLinear {
        let view = weights.view
        precondition(view.stride == view.columns, "rows with gaps")
        let layer: OpaquePointer?
        if let bias {
            unsafe layer = gd_linear_create(weights.rows, weights.columns, view.base, bias.view.base, precision.code)
        } else {
            unsafe layer = gd_linear_create(weights.rows, weights.columns, view.base, nil, precision.code)
        }
        // Sizes that oneDNN has no product for are rare enough for the engine that has.
        guard let layer = unsafe layer else {
            return OpenBLASEngine().pack(weights: weights, bias: bias, kernels: kernels)
        }
        return unsafe Layer(layer: layer, precision: self.precision, kernels: kernels)
    }

    /// The names of oneDNN's implementations of all kinds of products that a layer was asked for so far, for example
    /// `brg:avx512_core`; `ref` in front is a loop for reading, hundreds of times slower. None of another engine's layer.
    package static func implementations(of layer: any PackedLinear) -> [String] {
        guard let layer = layer as? Layer else { return [] }
        return layer.implementations
    }

    /// The packed weights, freed with the last reference.
    @safe
    private final class Layer: PackedLinear, @unchecked Sendable {
        // Sendable: the C side locks what it changes, and the pointer itself never does.
        private let layer: OpaquePointer
        private let precision: Precision
        private let kernels: Kernels

        init(layer: OpaquePointer, precision: Precision, kernels: Kernels) {
            unsafe self.layer = layer
            self.precision = precision
            self.kernels = kernels
        }

        deinit { unsafe gd_linear_destroy(self.layer) }

        var format: NumberFormat { self.precision.format }

        var implementations: [String] {
            var names: [String] = []
            while let name = unsafe gd_linear_implementation(self.layer, names.count) {
                names.append(unsafe String(cString: name))
            }
            return names
        }

        func apply(to x: MatrixView, then epilogue: Epilogue, into out: consuming MutableMatrixView) {
            guard self.precision != .f32 else {
                return unsafe self.multiply(
                    x.base, stride: x.stride, rows: x.rows, epilogue, into: out.base, stride: out.stride)
            }
            let operand = Operand(
                rows: x.rows, columns: x.columns, format: self.format, padsRows: false, kernels: self.kernels)
            operand.staged(0..<x.rows).copy(from: x)
            operand.commit(0..<x.rows)
            self.apply(to: operand, rows: 0..<x.rows, then: epilogue, into: out)
        }

        func apply(to x: Operand, rows: Range<Int>, then epilogue: Epilogue, into out: consuming MutableMatrixView) {
            precondition(x.format == self.format, "a product of \(self.format) of \(x.format)")
            unsafe self.multiply(
                x.base + rows.lowerBound * x.byteStride, stride: x.byteStride / self.format.byteCount, rows: rows.count,
                epilogue, into: out.base, stride: out.stride)
        }

        private func multiply(
            _ x: UnsafeRawPointer, stride: Int, rows: Int, _ epilogue: Epilogue,
            into out: UnsafeMutablePointer<Float>, stride outStride: Int
        ) {
            let status = unsafe gd_linear_apply(self.layer, x, stride, rows, out, outStride, epilogue.code)
            // Only memory that has run out makes a product fail whose layer could be made.
            precondition(status == 0, "oneDNN: status \(status) for \(rows) rows")
        }
    }
}

extension Precision {
    fileprivate var code: gd_precision { self == .bf16 ? GD_BF16 : GD_F32 }
}

extension Epilogue {
    fileprivate var code: gd_epilogue {
        switch self {
        case .store: GD_STORE
        case .activate(.quickGELU): GD_QUICK_GELU
        case .activate(.gelu): GD_GELU
        case .accumulate: GD_ACCUMULATE
        }
    }
}
#endif
