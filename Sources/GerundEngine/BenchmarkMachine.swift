import FoundationEssentials
import GerundEvents
public import GerundTensor

/// What a benchmark ran on.
public struct BenchmarkMachine: Sendable {
    /// The processor's name, as the system tells it.
    public var processor: String
    /// The instruction sets among ``knownFeatures`` that the processor has, as the system names them.
    public var features: [String]
    public var threads: Int
    /// Name and version of what multiplied.
    public var engine: String
    /// The processor family that OpenBLAS takes this one for.
    public var blasCore: String
    public var peak: ProcessorPeak

    /// Those that make products faster.
    private static let knownFeatures: Set = [
        "avx2", "fma", "avx512f", "avx512bw", "avx512_bf16", "avx512_fp16", "avx512_vnni", "avx_vnni", "amx_tile",
        "amx_bf16", "amx_int8", "asimd", "asimddp", "bf16", "i8mm", "sve",
    ]

    /// Measures the peak, which takes about a second.
    static func measured(threads: Int, engine: any MatrixEngine) -> BenchmarkMachine {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").map { $0.split(separator: ":", maxSplits: 1) }
        func value(_ key: String) -> Substring? { lines.first { $0.count == 2 && $0[0].hasPrefix(key) }?[1] }
        let features = (value("flags") ?? value("Features") ?? "").split(separator: " ").map(String.init)
        return BenchmarkMachine(
            processor: value("model name").map { String($0.drop { $0 == " " }) } ?? "unknown",
            features: features.filter(Self.knownFeatures.contains), threads: threads, engine: engine.library,
            blasCore: OpenBLAS.coreName, peak: .measure(threads: threads))
    }

    var json: JSONLine {
        var operations = JSONLine()
        for precision in Precision.allCases {
            // A number that is none becomes null: the processor has no such instructions.
            operations.add(precision.rawValue, self.peak.gigaOperations[precision] ?? .nan, decimals: 0)
        }
        var json = JSONLine()
        json.add("cpu", self.processor)
        json.add("features", self.features)
        json.add("threads", self.threads)
        json.add("engine", self.engine)
        json.add("blas_core", self.blasCore)
        json.add("peak_gops", operations)
        json.add("bandwidth_gbs", self.peak.gigabytes, decimals: 1)
        return json
    }

    var text: String {
        let operations = Precision.allCases.compactMap { precision in
            self.peak.gigaOperations[precision].map { "\(precision) \($0.fixed(0))" }
        }
        return """
            \(self.processor), \(self.threads) threads: \(self.features.joined(separator: " "))
            peak in Gop/s: \(operations.joined(separator: ", ")); memory \(self.peak.gigabytes.fixed(1)) GB/s
            \(self.engine), BLAS core \(self.blasCore)

            """
    }
}
