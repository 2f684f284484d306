import GerundTensor
import Testing

@testable import GerundEngine

@Suite("RecognitionModel")
struct RecognitionModelTests {
    @Test(
        "Computes with the requested number of threads",
        arguments: Precision.allCases.filter(ComputeBackend.supports), [1, 3])
    func threads(precision: Precision, threads: Int) throws {
        let model = try RecognitionModel(path: String(DemoModel.path), precision: precision, threads: threads)
        #expect(model.backend.threadCount == threads)
        #expect(model.backend.kernels.pool.map { $0.threadCount == threads } ?? true)
    }

    @Test("Computes with every available core by default, except for a small model with oneDNN or OpenBLAS")
    func defaultThreads() throws {
        let expected = ComputeBackend.isNative(.f32) ? ThreadPool.availableCoreCount : 1
        #expect(try DemoModel.model.get().backend.threadCount == expected)
        let cores = ThreadPool.availableCoreCount
        #expect(RecognitionModel.defaultThreadCount(parameterCount: 19_999_999, isNative: false) == 1)
        #expect(RecognitionModel.defaultThreadCount(parameterCount: 20_000_000, isNative: false) == cores)
        #expect(RecognitionModel.defaultThreadCount(parameterCount: 19_999_999, isNative: true) == cores)
    }
}
