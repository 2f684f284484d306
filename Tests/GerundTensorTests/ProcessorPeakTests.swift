import GerundTensor
import Testing

@Suite("ProcessorPeak")
struct ProcessorPeakTests {
    @Test("There is a peak for every precision that the machine has products in")
    func measured() throws {
        let peak = ProcessorPeak.measure(threads: 1)
        for precision in Precision.allCases where ComputeBackend.fastest(precision) != nil {
            let operations = try #require(peak.gigaOperations[precision])
            // Anything between a small board and a large server.
            #expect((0.5...100_000).contains(operations), "\(precision): \(operations)")
        }
        #expect((0.1...10_000).contains(peak.gigabytes), "\(peak.gigabytes) GB/s")
    }
}
