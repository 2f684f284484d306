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

    @Test("Computes a small model with one thread and a large one with every available core by default")
    func defaultThreads() throws {
        #expect(try DemoModel.model.get().backend.threadCount == 1)
        #expect(RecognitionModel.defaultThreadCount(parameterCount: 19_999_999) == 1)
        #expect(RecognitionModel.defaultThreadCount(parameterCount: 197_000_000) == ThreadPool.availableCoreCount)
    }
}
