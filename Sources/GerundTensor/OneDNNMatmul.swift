#if ONEDNN
import COneDNN

/// Matrix multiplications by oneDNN, with weights packed for the processor's widest instructions, and bias, activation
/// and residual fused.
public struct OneDNNMatmul: MatmulBackend {
    /// The precision of the multiplications.
    public let precision: Precision

    /// The number of threads that compute one multiplication, the calling one included.
    public let threadCount: Int

    /// Creates the backend; `nil` if this processor has no instructions for the precision, or oneDNN doesn't work here.
    ///
    /// - Parameters:
    ///   - precision: ``Precision/f32`` or ``Precision/bf16``.
    ///   - threads: The number of threads that compute one multiplication, at least 1.
    public init?(precision: Precision, threads: Int = ThreadPool.availableCoreCount) {
        precondition(threads > 0, "\(threads) threads")
        guard precision != .int8, gerund_onednn_supports(precision.code) != 0 else { return nil }
        self.precision = precision
        self.threadCount = threads
    }

    /// oneDNN, with its version.
    public var libraryName: String { "oneDNN \(Self.version)" }

    /// The version of the library, for example `2.6.3`.
    public static var version: String {
        var (major, minor, patch): (CInt, CInt, CInt) = (0, 0, 0)
        unsafe gerund_onednn_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// Returns the weights, `[outputs, inputs]`, and the bias, `[1, outputs]`, of one linear layer, packed.
    public func pack(weights: Matrix, bias: Matrix?, kernels: Kernels) -> any PackedLinear {
        let view = weights.view
        precondition(view.stride == view.columns, "rows must be contiguous")
        let threads = CInt(clamping: self.threadCount)
        let layer: OpaquePointer?
        if let bias {
            unsafe layer = gerund_onednn_linear_create(
                weights.rows, weights.columns, view.base, bias.view.base, precision.code, threads)
        } else {
            unsafe layer = gerund_onednn_linear_create(
                weights.rows, weights.columns, view.base, nil, precision.code, threads)
        }
        // oneDNN rejected the shape: fall back to OpenBLAS. On one thread, since idle threads of both libraries spin
        // for a while, and two active pools would compete for the cores.
        guard let layer = unsafe layer else {
            return OpenBLASMatmul(threads: 1).pack(weights: weights, bias: bias, kernels: kernels)
        }
        return unsafe Layer(layer: layer, precision: self.precision, kernels: kernels)
    }

    /// Returns the names of oneDNN's implementations of all the multiplications that a layer has computed so far.
    ///
    /// For example `brg:avx512_core`. A name that begins with `ref` is oneDNN's reference implementation, which is
    /// hundreds of times slower.
    ///
    /// - Parameter layer: A packed layer.
    /// - Returns: The names; empty for the layer of another backend.
    package static func implementations(of layer: any PackedLinear) -> [String] {
        guard let layer = layer as? Layer else { return [] }
        return layer.implementations
    }

    /// The packed weights, freed with the last reference.
    @safe
    private final class Layer: PackedLinear, @unchecked Sendable {
        // Sendable: the pointer is constant, and the C side locks what it changes.
        private let layer: OpaquePointer
        private let precision: Precision
        private let kernels: Kernels

        init(layer: OpaquePointer, precision: Precision, kernels: Kernels) {
            unsafe self.layer = layer
            self.precision = precision
            self.kernels = kernels
        }

        deinit { unsafe gerund_onednn_linear_destroy(self.layer) }

        var inputType: ElementType { self.precision.elementType }

        var implementations: [String] {
            var names: [String] = []
            while let name = unsafe gerund_onednn_linear_implementation(self.layer, names.count) {
                names.append(unsafe String(cString: name))
            }
            return names
        }

        func apply(to x: MatrixView, epilogue: Epilogue, into out: consuming MutableMatrixView) {
            guard self.precision != .f32 else {
                return unsafe self.multiply(
                    x.base, stride: x.stride, rows: x.rows, epilogue, into: out.base, stride: out.stride)
            }
            let input = LinearInput(
                rows: x.rows, columns: x.columns, elementType: self.inputType, padsRows: false, kernels: self.kernels)
            input.stagingRows(0..<x.rows).copy(from: x)
            input.convert(0..<x.rows)
            self.apply(to: input, rows: 0..<x.rows, epilogue: epilogue, into: out)
        }

        func apply(to x: LinearInput, rows: Range<Int>, epilogue: Epilogue, into out: consuming MutableMatrixView) {
            precondition(x.elementType == self.inputType, "expected \(self.inputType), found \(x.elementType)")
            unsafe self.multiply(
                x.base + rows.lowerBound * x.byteStride, stride: x.byteStride / self.inputType.byteCount,
                rows: rows.count, epilogue, into: out.base, stride: out.stride)
        }

        private func multiply(
            _ x: UnsafeRawPointer, stride: Int, rows: Int, _ epilogue: Epilogue,
            into out: UnsafeMutablePointer<Float>, stride outStride: Int
        ) {
            let status = unsafe gerund_onednn_linear_apply(
                self.layer, x, stride, rows, out, outStride, epilogue.code)
            // Fails only if memory is exhausted, since the layer could be made.
            precondition(status == 0, "oneDNN: status \(status) for \(rows) rows")
        }
    }
}

extension Precision {
    fileprivate var code: gerund_onednn_precision { self == .bf16 ? GERUND_ONEDNN_BF16 : GERUND_ONEDNN_F32 }
}

extension Epilogue {
    fileprivate var code: gerund_onednn_epilogue {
        switch self {
        case .store: GERUND_ONEDNN_STORE
        case .activate(.quickGELU): GERUND_ONEDNN_QUICK_GELU
        case .activate(.gelu): GERUND_ONEDNN_GELU
        case .accumulate: GERUND_ONEDNN_ACCUMULATE
        }
    }
}
#endif
