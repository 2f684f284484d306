/// The backend that a model is built for: the row kernels and the matrix-multiplication backends of its layers.
public struct ComputeBackend: Sendable {
    /// The row kernels, such as normalization and attention.
    public var kernels: Kernels
    /// The backend of the layers that are sensitive to precision.
    public var matmul: any MatmulBackend
    /// The backend of the large layers that tolerate a lower precision, int8.
    public var quantizedMatmul: any MatmulBackend

    /// Creates a backend with the same matrix multiplications for all layers.
    ///
    /// - Parameters:
    ///   - kernels: The row kernels.
    ///   - matmul: The matrix-multiplication backend.
    public init(kernels: Kernels = .best, matmul: any MatmulBackend = OpenBLASMatmul()) {
        self.kernels = kernels
        self.matmul = matmul
        self.quantizedMatmul = matmul
    }

    /// This backend for layers that tolerate a lower precision.
    var quantized: ComputeBackend {
        var backend = self
        backend.matmul = self.quantizedMatmul
        return backend
    }

    /// The number of threads that compute one matrix multiplication, the calling one included.
    ///
    /// It is set when the matrix-multiplication backend is made, and by nothing else.
    public var threadCount: Int { self.matmul.threadCount }

    /// Returns the fastest backend of a precision on this machine.
    ///
    /// - Parameters:
    ///   - precision: The precision of the matrix multiplications.
    ///   - threads: The number of threads that compute one matrix multiplication, at least 1.
    /// - Returns: `nil` if this machine and build have no instructions for the precision; never `nil` for
    ///   ``Precision/f32``.
    public static func fastest(
        _ precision: Precision, threads: Int = ThreadPool.availableCoreCount
    ) -> ComputeBackend? {
        if let backend = Self.native(precision, threads: threads) { return backend }
        #if ONEDNN
        if let matmul = OneDNNMatmul(precision: precision, threads: threads) { return ComputeBackend(matmul: matmul) }
        #endif
        return precision == .f32 ? ComputeBackend(matmul: OpenBLASMatmul(threads: threads)) : nil
    }

    /// Returns whether this machine and build have instructions for a precision.
    public static func supports(_ precision: Precision) -> Bool { Self.fastest(precision, threads: 1) != nil }

    /// Returns whether Gerund's own matrix multiplication is the fastest of a precision on this machine.
    package static func isNative(_ precision: Precision) -> Bool { Self.native(precision, threads: 1) != nil }

    private static func native(_ precision: Precision, threads: Int) -> ComputeBackend? {
        let pool = ThreadPool(threads: threads)
        guard let quantized = NativeMatmul(precision: precision, pool: pool),
            let matmul = NativeMatmul(precision: precision.fallback, pool: pool)
        else { return nil }
        var kernels = Kernels.best
        kernels.pool = pool
        var backend = ComputeBackend(kernels: kernels, matmul: matmul)
        backend.quantizedMatmul = quantized
        return backend
    }
}
