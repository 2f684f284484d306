import Glibc
import Testing

@testable import GerundTensor

@Suite("MachinePeak", .serialized)
struct MachinePeakTests {
    /// Attempts to measure on a machine that other tests and programs keep busy: a wrong unit or a wrong count of
    /// operations fails in each.
    private static let attempts = 6

    @Test(
        "No matrix multiplication exceeds the peak, and the fastest comes near it",
        arguments: Precision.allCases.filter(ComputeBackend.supports))
    func throughput(precision: Precision) throws {
        let (rows, size) = (210, 512)
        let backend = try #require(ComputeBackend.fastest(precision, threads: 1)).quantized
        let weights = Matrix(MatrixBuffer(rows: size, columns: size))
        let layer = Linear(weights: weights, bias: nil, backend: backend)
        let input = layer.makeInput(rows: rows)
        let out = ScratchMatrix(rows: rows, columns: size)
        var ratios: [Double] = []
        for _ in 0..<Self.attempts {
            // Runs so short that some of them aren't interrupted.
            let throughput = MachinePeak.throughput(threads: 1, runDuration: .milliseconds(1), repetitions: 100)
            let peak = try #require(throughput[precision])
            let fastest = (0..<50).map { _ in
                ContinuousClock().measure { layer.apply(to: input, rows: 0..<rows, into: out.mutableView) }
            }.min()
            let seconds = try #require(fastest) / .seconds(1)
            ratios.append(2 * Double(rows * size * size) / seconds / 1e9 / peak)
            // Measured on a Zen 5 core: 0.8 to 0.9 of the peak.
            if (0.3...1.1).contains(ratios[ratios.count - 1]) { return }
        }
        Issue.record("\(precision): matrix multiplications at \(ratios) of the peak")
    }

    @Test("Reads memory about as fast as the C library")
    func bandwidth() {
        let bytes = [UInt8](repeating: 1, count: 256 << 20)
        var ratios: [Double] = []
        for _ in 0..<Self.attempts {
            let measured = MachinePeak.measure(threads: 1).gigabytesPerSecond
            var fastest = Duration.seconds(1000)
            for _ in 0..<5 {
                let duration = ContinuousClock().measure {
                    let found = unsafe bytes.withUnsafeBytes { unsafe memchr($0.baseAddress!, 2, $0.count) != nil }
                    #expect(!found)
                }
                fastest = min(fastest, duration)
            }
            ratios.append(measured / (Double(bytes.count) / (fastest / .seconds(1)) / 1e9))
            if (0.5...2).contains(ratios[ratios.count - 1]) { return }
        }
        Issue.record("\(ratios) times the bandwidth of memchr")
    }
}
