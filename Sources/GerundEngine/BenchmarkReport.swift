import FoundationEssentials
import GerundCore
import GerundEvents
public import GerundTensor

/// How long the model's stages took on this machine.
public struct BenchmarkReport: Sendable {
    /// A part of the work of one new frame of every source.
    public enum Stage: String, Sendable, CaseIterable {
        /// Bytes to patches to tokens: the new frame alone.
        case frame
        /// The window's frames through the encoder, and their integration.
        case video
        /// Prompts and logits of all labels.
        case logits
        /// All of these: one window of every source.
        case window
        /// The first window, before caches are warm.
        case coldWindow = "cold window"
    }

    /// The times of one number of sources.
    public struct Row: Sendable {
        public var sources: Int
        /// In the order in which they were taken.
        public var times: [Stage: [Duration]]
        /// The least time that ``Stage/window`` can take on this machine; `nil` when its peak is unknown.
        public var limit: Duration?
        /// Resident memory afterwards.
        public var residentBytes: Int

        /// The middle one of a stage's times.
        public func median(_ stage: Stage) -> Duration {
            let sorted = (self.times[stage] ?? []).sorted()
            guard !sorted.isEmpty else { return .zero }
            let middle = sorted.count / 2
            return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        }
    }

    public var machine: BenchmarkMachine
    public var model: String
    public var precision: Precision
    /// How many rows of each older frame were computed anew; `nil` for exact windows.
    public var refresh: Int?
    public var labels: Int
    /// Reading and packing the weights.
    public var load: Duration
    public var rows: [Row]

    static func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * 4096
    }

    /// Tables for people.
    public var text: String {
        self.machine.text
            + "\(self.model), \(self.modeText), \(self.precision), \(self.labels) labels: "
            + "loaded in \(self.load.inSeconds.fixed(2)) s\n"
            + self.rows.map(self.table).joined()
    }

    private var modeText: String {
        switch self.refresh {
        case nil: "exact"
        case let rows?: "fast with \(rows) \(rows == 1 ? "row" : "rows") refreshed"
        }
    }

    private func table(_ row: Row) -> String {
        let stages = Stage.allCases.filter { row.times[$0] != nil }
        let lines = stages.map { stage in
            let times = row.times[stage] ?? []
            let (median, least, most) = (row.median(stage), times.min() ?? .zero, times.max() ?? .zero)
            let figures = [median, least, most].map { Self.column($0.inMilliseconds.fixed(2), width: 11) }
            let spread = (100 * ((most - least) / median)).fixed(1) + " %"
            return stage.rawValue.padded(to: 13) + figures.joined()
                + Self.column(times.count > 1 ? spread : "", width: 10)
        }
        let limit = row.limit.map { limit in
            "limit \(limit.inMilliseconds.fixed(2)) ms: the window reaches "
                + "\((100 * (limit / row.median(.window))).fixed(1)) % of it\n"
        }
        return """

            \(row.sources == 1 ? "1 source" : "\(row.sources) sources"), \(row.residentBytes / 1_000_000) MB resident
            stage          median ms     min ms     max ms    spread
            \(lines.joined(separator: "\n"))
            \(limit ?? "")
            """
    }

    private static func column(_ text: String, width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// One line of JSON: the machine, and a row for each number of sources.
    public var json: String {
        var json = JSONLine()
        json.add("machine", self.machine.json)
        json.add("model", self.model)
        json.add("load_ms", self.load.inMilliseconds, decimals: 1)
        json.add("rows", self.rows.map(self.json))
        return json.finished()
    }

    private func json(_ row: Row) -> JSONLine {
        let window = row.times[.window] ?? []
        var json = JSONLine()
        json.add("mode", (self.refresh == nil ? RecognitionMode.exact : .fast).rawValue)
        json.add("precision", self.precision.rawValue)
        json.add("refresh", self.refresh.map { "\($0)" } ?? "all")
        json.add("labels", self.labels)
        json.add("sources", row.sources)
        json.add("runs", window.count)
        json.add("median_ms", row.median(.window).inMilliseconds, decimals: 3)
        json.add("min_ms", (window.min() ?? .zero).inMilliseconds, decimals: 3)
        json.add("max_ms", (window.max() ?? .zero).inMilliseconds, decimals: 3)
        json.add("cold_ms", row.median(.coldWindow).inMilliseconds, decimals: 3)
        json.add("limit_ms", row.limit?.inMilliseconds ?? .nan, decimals: 3)
        json.add("rss_mb", Double(row.residentBytes) / 1e6, decimals: 1)
        return json
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - self.count))
    }
}
