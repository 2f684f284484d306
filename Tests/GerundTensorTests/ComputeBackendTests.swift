import GerundCore
import GerundTesting
import Glibc
import Synchronization
import Testing

@testable import GerundTensor

@Suite("ComputeBackend")
struct ComputeBackendTests {
    static let precisions = Precision.allCases.filter(ComputeBackend.supports)

    @Test("Uses the number of threads that it was made with", arguments: precisions, [1, 2, 5])
    func threadCount(precision: Precision, threads: Int) throws {
        let backend = try #require(ComputeBackend.fastest(precision, threads: threads))
        #expect(backend.threadCount == threads && backend.quantizedMatmul.threadCount == threads)
        #expect(backend.kernels.pool.map { $0.threadCount == threads } ?? true)
    }

    @Test("Runs the row kernels of a backend with one thread on the calling thread", arguments: precisions)
    func oneThread(precision: Precision) throws {
        let kernels = try #require(ComputeBackend.fastest(precision, threads: 1)).kernels
        let seen = Mutex(Set<pthread_t>())
        kernels.forEachRowRange(rows: 1000, columns: 1000) { _ in
            let own = pthread_self()
            seen.withLock { _ = $0.insert(own) }
        }
        #expect(seen.withLock { $0 } == [pthread_self()])
    }

    @Test("Always supports float32")
    func float32() {
        #expect(ComputeBackend.supports(.f32))
    }

    @Test("Computes layers that tolerate a lower precision in it, and the others in its fallback")
    func fallback() throws {
        #expect(Precision.int8.fallback == .bf16 && Precision.bf16.fallback == .bf16 && Precision.f32.fallback == .f32)
        guard let backend = ComputeBackend.fastest(.int8, threads: 1) else {
            try Test.cancel("this processor has no instructions for int8")
        }
        #expect(backend.matmul.precision == .bf16 && backend.quantizedMatmul.precision == .int8)
        #expect(backend.quantized.matmul.precision == .int8)
    }

    #if ONEDNN
    @Test("Sets the OpenMP thread count of the calling thread at every multiplication by oneDNN", arguments: [1, 3])
    func oneDNN(threads: Int) throws {
        guard let symbol = unsafe dlsym(nil, "omp_get_max_threads") else {
            Issue.record("oneDNN runs on another runtime than libgomp")
            return
        }
        let threadCount = unsafe unsafeBitCast(symbol, to: (@convention(c) () -> CInt).self)
        let backend = ComputeBackend(matmul: try #require(OneDNNMatmul(precision: .f32, threads: threads)))
        #expect(backend.threadCount == threads)
        let weights = Matrix(rows: 16, columns: 16, elements: [Float](repeating: 1, count: 256))
        let layer = Linear(weights: weights, bias: nil, backend: backend)
        let other = Linear(
            weights: weights, bias: nil,
            backend: ComputeBackend(matmul: try #require(OneDNNMatmul(precision: .f32, threads: 2))))
        _ = other(weights.view)
        #expect(threadCount() == 2)
        _ = layer(weights.view)
        #expect(Int(threadCount()) == threads)
    }
    #endif
}
