import FoundationEssentials
import GerundCore
import GerundEvents
public import GerundTensor

/// How long the model's stages took on this machine.
public struct BenchmarkReport: Sendable {
    /// A part of the work of one new frame.
    public enum Stage: String, Sendable, CaseIterable {
        /// Bytes to patches to tokens: the new frame alone.
        case frame
        /// The window's frames through the encoder, and their integration.
        case video
        /// Prompts and logits of all labels.
        case logits
        /// All of these: one window of a stream.
        case window
        /// The first window, before caches are warm.
        case coldWindow = "cold window"
    }

    public var model: String
    /// Name, version and precision of what multiplied.
    public var engine: String
    public var precision: Precision
    public var threads: Int
    public var labels: Int
    /// Reading and packing the weights.
    public var load: Duration
    /// Resident memory at the end.
    public var residentBytes: Int
    public var times: [Stage: [Duration]]

    /// The middle one of a stage's times.
    public func median(_ stage: Stage) -> Duration {
        let sorted = (self.times[stage] ?? []).sorted()
        guard !sorted.isEmpty else { return .zero }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The processor's name, as the system tells it.
    public static var processor: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last.map { $0.drop { $0 == " " } }.map(String.init) ?? "unknown"
    }

    static func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * 4096
    }

    /// A table for people.
    public var text: String {
        let head = """
            \(Self.processor), \(self.threads) threads, \(self.engine), BLAS core \(OpenBLAS.coreName)
            \(self.model), \(self.labels) labels: loaded in \(self.load.inSeconds.fixed(2)) s, \
            \(self.residentBytes / 1_000_000) MB resident

            stage          median ms     min ms     max ms

            """
        let rows = Stage.allCases.filter { self.times[$0] != nil }.map { stage in
            let times = self.times[stage] ?? []
            let figures = [self.median(stage), times.min() ?? .zero, times.max() ?? .zero].map {
                let text = $0.inMilliseconds.fixed(2)
                return String(repeating: " ", count: max(0, 11 - text.count)) + text
            }
            return stage.rawValue + String(repeating: " ", count: 13 - stage.rawValue.count) + figures.joined()
        }
        return head + rows.map { $0 + "\n" }.joined()
    }

    /// One line of JSON: the machine, and what a window took on it.
    public var json: String {
        let window = self.times[.window] ?? []
        var row = JSONLine(type: "bench")
        row.add("cpu", Self.processor)
        row.add("threads", self.threads)
        row.add("engine", self.engine)
        row.add("blas_core", OpenBLAS.coreName)
        row.add("model", self.model)
        row.add("mode", "exact")
        row.add("precision", self.precision.rawValue)
        row.add("labels", self.labels)
        row.add("sources", 1)
        row.add("runs", window.count)
        row.add("median_ms", self.median(.window).inMilliseconds, decimals: 3)
        row.add("min_ms", (window.min() ?? .zero).inMilliseconds, decimals: 3)
        row.add("max_ms", (window.max() ?? .zero).inMilliseconds, decimals: 3)
        row.add("cold_ms", self.median(.coldWindow).inMilliseconds, decimals: 3)
        row.add("load_ms", self.load.inMilliseconds, decimals: 1)
        row.add("rss_mb", Double(self.residentBytes) / 1e6, decimals: 1)
        return row.finished()
    }
}
