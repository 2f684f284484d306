import ArgumentParser
import FoundationEssentials
import GerundCore
import GerundEngine
import GerundMedia
import GerundStream
import GerundTensor

struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how far the fast mode strays from the exact one on some footage.",
        discussion: """
            Computes every window exactly in float32 and, beside it, with so many rows of each older frame refreshed, \
            and prints for each how often the best label is the same: in all windows, and where the exact result leads \
            by more than half. Where a file has its true timeline beside it, NAME.timeline.json, also how often the \
            label is right. A window counts where it lies wholly inside one action. Changes are those of scores, 0 to 1: \
            the mean, the largest, and a bound that one more window of the kind keeps with 95 %, whatever the \
            changes' distribution (split conformal, as gerund watch --audit tells it).

            EXAMPLES
              gerund compare clip.mp4
              gerund compare clips/*.mp4 --refresh 0 --refresh 1 --refresh 4
              gerund compare rtsp://camera/1 --duration 600 --precision bf16
            """)

    @Argument(help: "What to measure on.")
    var sources: [String]

    @OptionGroup var options: ModelOptions

    @Option(
        help: ArgumentHelp(
            "So many rows of each older frame, or all. May be repeated. Default: 0, 1, 2, 4, 8, 16 and 32.",
            valueName: "rows"))
    var refresh: [RefreshOption] = []

    @Option(help: ArgumentHelp("Stop after so much of every source.", valueName: "seconds"))
    var duration: Double?

    @Option(help: "What to print: text on a terminal and JSON Lines otherwise by default.")
    var format: OutputFormat = .auto

    @OptionGroup var logging: LogOptions

    func validate() throws {
        if let duration, !(duration > 0 && duration <= 1e9) {
            throw ValidationError("--duration has to be above 0 seconds, not \(duration).")
        }
    }

    func run() async throws {
        let addresses = try SourceAddress.parse(self.sources)
        self.logging.apply()
        let timelines = try ModelOptions.orNoModel { () throws(ModelError) in try Self.timelines(of: addresses) }
        let precision = self.options.wantedPrecision
        let model = try self.options.loadModel(precision: .f32)
        let other = precision == .f32 ? nil : try self.options.loadModel(precision: precision)
        let labels = try self.options.labelSet(for: model)
        let plan = try self.options.windowPlan(for: model)
        do {
            let (text, status) = try await Signals.cancelling(onHangup: {}) {
                var comparison = try await ModeComparison(
                    model: model, other: other, labels: labels, plan: plan, refreshes: self.refreshes(for: model))
                for (address, timeline) in zip(addresses, timelines) {
                    let source = MediaSource(
                        address: address,
                        configuration: CaptureConfiguration(
                            picture: model.picture, period: plan.period, pace: .fast))
                    let progress = Progress(name: address.id.name)
                    try await comparison.compare(
                        source, timeline: timeline, duration: self.duration.map { .seconds($0) },
                        progress: progress.frameArrived(at:))
                    progress.finish()
                }
                return self.format.isText
                    ? comparison.text : comparison.results.map { $0.jsonLine + "\n" }.joined()
            }
            if let status { throw CommandFailure(status: status) }
            try StandardOutput.write(text)
        } catch let error as CaptureError {
            throw CommandFailure(status: .noSource, message: "\(error)")
        } catch let error as ModelError {
            throw CommandFailure(status: .noModel, message: "\(error)")
        } catch is StandardOutput.Closed {
            return
        } catch is CancellationError {
            throw CommandFailure(status: .interrupted)
        }
    }

    /// As asked for, without repetition; by default powers of two as far as a frame has rows.
    private func refreshes(for model: RecognitionModel) -> [Int] {
        let usual = [0, 1, 2, 4, 8, 16, 32].filter { $0 < model.rowCount }
        var seen: Set<Int> = []
        return (self.refresh.isEmpty ? usual : self.refresh.map(\.count)).filter { seen.insert($0).inserted }
    }

    private static func timelines(of addresses: [SourceAddress]) throws(ModelError) -> [Timeline?] {
        var timelines: [Timeline?] = []
        for address in addresses {
            guard address.kind == .file, let dot = address.displayName.lastIndex(of: ".") else {
                timelines.append(nil)
                continue
            }
            let path = "\(address.displayName[..<dot]).timeline.json"
            timelines.append(FileManager.default.fileExists(atPath: path) ? try Timeline(path: path) : nil)
        }
        return timelines
    }
}
