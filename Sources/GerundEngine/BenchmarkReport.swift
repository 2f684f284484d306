import FoundationEssentials
import GerundCore
public import GerundRecords
public import GerundTensor

/// The times of the model's stages on this machine.
public struct BenchmarkReport: Sendable {
    /// A part of the work of one new frame of every source.
    public enum Stage: String, Sendable, CaseIterable {
        /// The new frame alone, from bytes to patches to tokens.
        case frame
        /// The encoding of the window's frames and their integration over time.
        case video
        /// The video-specific prompts and the logits of all labels.
        case logits
        /// The sum of these: one window of every source.
        case window
        /// The first window, before caches are warm.
        case coldWindow = "cold window"
    }

    /// The times of one number of sources.
    public struct Row: Sendable {
        /// The number of sources.
        public var sources: Int
        /// The times of each stage, in the order of the runs.
        public var times: [Stage: [Duration]]
        /// The minimum time of ``Stage/window`` by the roofline of this machine; `nil` if its peak is unknown.
        public var rooflineTime: Duration?
        /// The resident memory of the process afterwards, in bytes.
        public var residentBytes: Int

        /// Returns the median of a stage's times; zero if it wasn't timed.
        public func median(_ stage: Stage) -> Duration {
            self.times[stage]?.median ?? .zero
        }
    }

    /// The machine.
    public var machine: BenchmarkMachine
    /// The model's name.
    public var model: String
    /// The precision of the matrix multiplications.
    public var precision: Precision
    /// The number of tokens of each older frame that were recomputed; `nil` for exact windows.
    public var refresh: Int?
    /// The number of labels.
    public var labels: Int
    /// The time of reading and packing the weights.
    public var load: Duration
    /// The times, one row per number of sources.
    public var rows: [Row]

    static func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * 4096
    }

    /// The report as text: the machine, and one table per number of sources.
    public var text: String {
        self.machine.text
            + "\(self.model), \(self.modeText), \(self.precision), \(self.labels) labels: "
            + "loaded in \(self.load.seconds.fixed(2)) s\n"
            + self.rows.map(self.table).joined()
    }

    private var modeText: String {
        switch self.refresh {
        case nil: "exact mode"
        case let tokens?: "fast mode with \(tokens) refreshed \(tokens == 1 ? "token" : "tokens")"
        }
    }

    private func table(_ row: Row) -> String {
        var table = TextTable([
            .init("stage", minimumWidth: 11), .init("median ms", .trailing, minimumWidth: 9),
            .init("min ms", .trailing, minimumWidth: 9), .init("max ms", .trailing, minimumWidth: 9),
            .init("spread", .trailing, minimumWidth: 8),
        ])
        for stage in Stage.allCases {
            guard let times = row.times[stage], let minimum = times.min(), let maximum = times.max() else { continue }
            let median = row.median(stage)
            let figures = [median, minimum, maximum].map { $0.milliseconds.fixed(2) }
            let spread = times.count > 1 ? (100 * ((maximum - minimum) / median)).fixed(1) + " %" : ""
            table.append([stage.rawValue] + figures + [spread])
        }
        let roofline = row.rooflineTime.map { time in
            "roofline \(time.milliseconds.fixed(2)) ms: \((100 * (time / row.median(.window))).fixed(1)) % of roofline\n"
        }
        let sources = row.sources == 1 ? "1 source" : "\(row.sources) sources"
        return "\n\(sources), \(row.residentBytes / 1_000_000) MB resident\n\(table.text)\(roofline ?? "")"
    }

    /// The report as a record.
    public var record: BenchRecord {
        BenchRecord(
            machine: self.machine.record, model: self.model, load: self.load, rows: self.rows.map(self.record(of:)))
    }

    private func record(of row: Row) -> BenchRecord.Row {
        let window = row.times[.window] ?? []
        return BenchRecord.Row(
            mode: (self.refresh == nil ? RecognitionMode.exact : .fast).rawValue, precision: self.precision.rawValue,
            refreshedTokens: self.refresh, labelCount: self.labels, sources: row.sources, runs: window.count,
            median: row.median(.window), minimum: window.min() ?? .zero, maximum: window.max() ?? .zero,
            coldStart: row.median(.coldWindow), roofline: row.rooflineTime,
            residentMegabytes: Double(row.residentBytes) / 1e6)
    }
}
