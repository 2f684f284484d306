import COpenBLAS

/// The process-wide settings of OpenBLAS, and what it chose.
public enum OpenBLAS {
    /// The processor family whose kernels run, for example `Cooperlake`.
    ///
    /// `OPENBLAS_CORETYPE` in the environment forces another and can halve the speed.
    public static var coreName: String { unsafe String(cString: openblas_get_corename()) }

    /// Version and build options, for example `OpenBLAS 0.3.21 DYNAMIC_ARCH ...`.
    public static var configuration: String { unsafe String(cString: openblas_get_config()) }

    /// How many threads a large product may use; the whole process shares the setting.
    public static var threadCount: Int { Int(openblas_get_num_threads()) }

    /// - Parameter count: At least 1.
    public static func setThreadCount(_ count: Int) {
        precondition(count > 0, "\(count) threads")
        openblas_set_num_threads(Int32(clamping: count))
    }

    /// `out = a * b^T + beta * out`, with a `[m, k]`, b `[n, k]`, out `[m, n]`.
    static func multiply(
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
