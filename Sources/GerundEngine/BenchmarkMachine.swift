import FoundationEssentials
import GerundCore
import GerundRecords
public import GerundTensor

/// The machine that a benchmark ran on.
public struct BenchmarkMachine: Sendable {
    /// The processor's name, as the system reports it.
    public var processor: String
    /// The processor's instruction sets that speed up matrix multiplication, with the system's names.
    public var features: [String]
    /// The number of threads of the matrix multiplications.
    public var threads: Int
    /// The name and version of the library or kernels that multiply matrices.
    public var engine: String
    /// The processor family that OpenBLAS has detected.
    public var blasCore: String
    /// The measured peak throughput and memory bandwidth.
    public var peak: MachinePeak

    /// The instruction sets that speed up matrix multiplication.
    private static let knownFeatures: Set = [
        "avx2", "fma", "avx512f", "avx512bw", "avx512_bf16", "avx512_fp16", "avx512_vnni", "avx_vnni", "amx_tile",
        "amx_bf16", "amx_int8", "asimd", "asimddp", "bf16", "i8mm", "sve",
    ]

    /// Measures the peak, which takes about a second.
    static func measured(threads: Int, engine: any MatmulBackend) -> BenchmarkMachine {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").map { $0.split(separator: ":", maxSplits: 1) }
        func value(_ key: String) -> Substring? { lines.first { $0.count == 2 && $0[0].hasPrefix(key) }?[1] }
        let features = (value("flags") ?? value("Features") ?? "").split(separator: " ").map(String.init)
        return BenchmarkMachine(
            processor: value("model name").map { String($0.drop { $0 == " " }) } ?? "unknown",
            features: features.filter(Self.knownFeatures.contains), threads: threads, engine: engine.libraryName,
            blasCore: OpenBLAS.coreName, peak: .measure(threads: threads))
    }

    /// The machine as it appears in the record.
    var record: BenchRecord.Machine {
        BenchRecord.Machine(
            cpu: self.processor, features: self.features, threads: self.threads, engine: self.engine,
            blasCore: self.blasCore,
            peakGigaflops: BenchRecord.PeakGigaflops(
                f32: self.peak.gigaOperationsPerSecond[.f32], bf16: self.peak.gigaOperationsPerSecond[.bf16],
                int8: self.peak.gigaOperationsPerSecond[.int8]),
            bandwidthGigabytesPerSecond: self.peak.gigabytesPerSecond)
    }

    /// The machine as text, in three lines.
    var text: String {
        let operations = Precision.allCases.compactMap { precision in
            self.peak.gigaOperationsPerSecond[precision].map { "\(precision) \($0.fixed(0))" }
        }
        return """
            \(self.processor), \(self.threads) threads: \(self.features.joined(separator: " "))
            peak in GFLOP/s: \(operations.joined(separator: ", ")); memory \(self.peak.gigabytesPerSecond.fixed(1)) GB/s
            \(self.engine), BLAS core \(self.blasCore)

            """
    }
}
