#if ONEDNN
import COneDNN
#endif

/// What a model is built for: the row kernels and the matrix engine that its layers will use.
public struct ComputeBackend: Sendable {
    public var kernels: Kernels
    public var engine: any MatrixEngine

    public init(kernels: Kernels = .best, engine: any MatrixEngine = OpenBLASEngine()) {
        self.kernels = kernels
        self.engine = engine
    }

    /// How many threads this backend's products may use; the whole process shares the setting.
    ///
    /// Each engine has a pool of its own whose idle threads spin for a while: two pools at work would take the cores
    /// from each other. So only the engine's has threads; what remains to OpenBLAS beside oneDNN is attention, whose
    /// products are small.
    ///
    /// To be called by the thread that computes, since oneDNN's setting is the calling thread's.
    public func setThreadCount(_ count: Int) {
        #if ONEDNN
        if self.engine is OneDNNEngine {
            OpenBLAS.setThreadCount(1)
            gd_set_thread_count(CInt(clamping: count))
            return
        }
        #endif
        OpenBLAS.setThreadCount(count)
    }

    /// The fastest engine of a precision on this machine; `nil` when none has instructions for it.
    ///
    /// Float32 there is always.
    public static func fastest(_ precision: Precision) -> ComputeBackend? {
        #if ONEDNN
        if let engine = OneDNNEngine(precision: precision) { return ComputeBackend(engine: engine) }
        #endif
        return precision == .f32 ? ComputeBackend() : nil
    }
}
