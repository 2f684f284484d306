import COpenBLAS
import Synchronization

/// The part of OpenBLAS that is in use, and what it detected.
public enum OpenBLAS {
    /// The processor family whose kernels are in use, for example `Cooperlake`.
    ///
    /// The environment variable `OPENBLAS_CORETYPE` forces another one, which can halve the speed.
    public static var coreName: String { unsafe String(cString: openblas_get_corename()) }

    /// The version and build options, for example `OpenBLAS 0.3.21 DYNAMIC_ARCH ...`.
    public static var configuration: String { unsafe String(cString: openblas_get_config()) }

    /// Guards the thread count, a setting of the whole process.
    private static let threadCountLock = Mutex(())

    /// Sets the number of threads of the multiplications that follow, in the whole process.
    ///
    /// Backends with different thread counts may run at the same time: a multiplication then uses the count of either,
    /// with the same result.
    static func useThreads(_ count: Int) {
        self.threadCountLock.withLock { _ in
            let count = Int32(clamping: count)
            if openblas_get_num_threads() != count { openblas_set_num_threads(count) }
        }
    }

    /// Computes `out = a * b^T + beta * out`, with a `[m, k]`, b `[n, k]`, out `[m, n]`.
    static func gemm(
        _ a: MatrixView, transposed b: MatrixView, beta: Float = 0, into out: consuming MutableMatrixView
    ) {
        precondition(
            a.columns == b.columns && out.rows == a.rows && out.columns == b.rows,
            "[\(a.rows), \(a.columns)] by [\(b.rows), \(b.columns)]^T into [\(out.rows), \(out.columns)]")
        unsafe cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(a.rows), Int32(b.rows), Int32(a.columns), 1,
            a.base, Int32(a.stride), b.base, Int32(b.stride), beta, out.base, Int32(out.stride))
    }
}
