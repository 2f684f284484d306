#if ONEDNN
import COneDNN
#endif

/// What a model is built for: the row kernels and the matrix engines that its layers will use.
public struct ComputeBackend: Sendable {
    public var kernels: Kernels
    /// Of all layers but those below.
    public var engine: any MatrixEngine
    /// Of the large layers that stand a lower precision.
    public var robustEngine: any MatrixEngine

    public init(kernels: Kernels = .best, engine: any MatrixEngine = OpenBLASEngine()) {
        self.kernels = kernels
        self.engine = engine
        self.robustEngine = engine
    }

    /// This backend for layers that stand a lower precision.
    var robust: ComputeBackend {
        var backend = self
        backend.engine = self.robustEngine
        return backend
    }

    /// How many threads this backend's products may use where they are a library's; the whole process shares the
    /// setting. Gerund's own have the threads of their ``WorkerPool``.
    ///
    /// Each library has a pool of its own whose idle threads spin for a while: two pools at work would take the cores
    /// from each other. So only the engine's has threads.
    ///
    /// To be called by the thread that computes, since oneDNN's setting is the calling thread's.
    public func setThreadCount(_ count: Int) {
        #if ONEDNN
        if self.engine is OneDNNEngine { gd_set_thread_count(CInt(clamping: count)) }
        #endif
        OpenBLAS.setThreadCount(self.engine is OpenBLASEngine ? count : 1)
    }

    /// The fastest engine of a precision on this machine; `nil` when none has instructions for it.
    ///
    /// Float32 there is always.
    ///
    /// - Parameter threads: Of the products; also to be told to ``setThreadCount(_:)``.
    public static func fastest(_ precision: Precision, threads: Int = WorkerPool.coreCount) -> ComputeBackend? {
        if let backend = Self.native(precision, threads: threads) { return backend }
        #if ONEDNN
        if let engine = OneDNNEngine(precision: precision) { return ComputeBackend(engine: engine) }
        #endif
        return precision == .f32 ? ComputeBackend() : nil
    }

    private static func native(_ precision: Precision, threads: Int) -> ComputeBackend? {
        let pool = WorkerPool(threads: threads)
        guard let robust = NativeEngine(precision: precision, pool: pool),
            let engine = NativeEngine(precision: precision.sensitive, pool: pool)
        else { return nil }
        var kernels = Kernels.best
        kernels.pool = pool
        var backend = ComputeBackend(kernels: kernels, engine: engine)
        backend.robustEngine = robust
        return backend
    }
}
