import CGerundKernels
import Testing

@testable import GerundTensor

// How near the fastest matrix multiplication comes to the peak depends on what else the machine does: `gerund bench`
// prints it.
@Suite("MachinePeak", .serialized)
struct MachinePeakTests {
    @Test("Counts the same number of operations for every round", arguments: Precision.allCases)
    func operationCount(precision: Precision) throws {
        guard let loop = gerund_peak(precision.elementType.gemmType) else {
            try Test.cancel("the processor has no instructions for \(precision)")
        }
        let once = loop(1)
        #expect(once > 0)
        // A multiplication and an addition per element of a vector: an even number of operations.
        #expect(once % 2 == 0)
        #expect(loop(7) == 7 * once)
    }

    @Test("Has a throughput for exactly the precisions that the processor has instructions for")
    func precisions() {
        let peak = MachinePeak.measure(threads: 1)
        let supported = Precision.allCases.filter { gerund_peak($0.elementType.gemmType) != nil }
        #expect(Set(peak.gigaOperationsPerSecond.keys) == Set(supported))
        #expect(supported.contains(.f32))
        #expect(peak.gigaOperationsPerSecond.values.allSatisfy { $0.isFinite && $0 > 0 })
        #expect(peak.gigabytesPerSecond.isFinite && peak.gigabytesPerSecond > 0)
    }

    @Test("Measures more threads than cores as one per core", .timeLimit(.minutes(10)))
    func manyThreads() {
        let peak = MachinePeak.measure(threads: 100_000)
        #expect(peak.gigabytesPerSecond > 0)
        #expect(peak.gigaOperationsPerSecond.values.allSatisfy { $0 > 0 })
    }
}
