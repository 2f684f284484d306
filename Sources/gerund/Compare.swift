import ArgumentParser
import FoundationEssentials
import GerundCore
import GerundEngine
import GerundMedia
import GerundRecords
import GerundSettings
import GerundStream
import GerundTensor

/// `gerund compare`: the accuracy of fast mode on some videos.
struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the accuracy of fast mode relative to exact mode.",
        discussion: """
            Computes every window exactly in float32 and again with each number of recomputed tokens per older frame, \
            and prints how often the top label is the same: in all windows, and in those in which the exact result leads \
            by more than half. If a file has its ground truth beside it, NAME.timeline.json, also how often the label is \
            correct, in windows that lie wholly inside one action. Errors are absolute differences of scores, from 0 to \
            1: the mean, the maximum, and a distribution-free (split-conformal) bound with 95 % coverage for the next \
            window of the same kind, as in the audit records of gerund watch.

            EXAMPLES
              gerund compare clip.mp4
              gerund compare clips/*.mp4 --refresh 0 --refresh 1 --refresh 4
              gerund compare rtsp://camera/1 --duration 10m --precision bf16
            """)

    @Argument(help: ArgumentHelp("The sources to measure.", valueName: "source"))
    var sources: [String]

    @OptionGroup(title: "Model and labels") var model: ModelOptions

    @Option(
        help: ArgumentHelp(
            "\(SettingsTable.shared.refresh.summary) Repeatable (default: 0, 1, 2, 4, 8, 16 and 32).",
            valueName: SettingsTable.shared.refresh.type.placeholder),
        transform: { try SettingsTable.shared.refresh.type.value(of: $0) })
    var refresh: [Int] = []

    @OptionGroup var duration: DurationOptions

    @OptionGroup var report: ReportOptions

    @OptionGroup var logging: LogOptions

    func run() async throws {
        let addresses = try SourceAddress.parse(self.sources)
        self.logging.apply()
        let groundTruths = try addresses.map(Self.groundTruth)
        let settings = Settings(self.model, self.duration)
        let precision = settings.value(of: SettingsTable.shared.precision).precision
        let model = try await ModelLoader.load(settings, precision: .f32)
        let other = precision == .f32 ? nil : try await ModelLoader.load(settings, precision: precision)
        let resolved = try ResolvedSettings(settings, for: model)
        let labels = try resolved.labelSet(for: model)
        let (text, status) = try await Signals.withSignalHandling(onHangup: {}) {
            var comparison = try await ModeComparison(
                model: model, other: other, labels: labels, plan: resolved.plan, refreshes: self.refreshes(for: model))
            for (address, groundTruth) in zip(addresses, groundTruths) {
                let source = MediaSource(
                    address: address,
                    configuration: CaptureConfiguration(
                        frameFormat: model.inputFormat, samplingInterval: resolved.plan.samplingInterval, pace: .unpaced
                    ))
                let progress = Progress(name: address.id.name)
                try await comparison.compare(
                    source, groundTruth: groundTruth, duration: resolved.duration, progress: progress.update(_:))
                progress.finish()
            }
            return self.report.isText
                ? comparison.text : comparison.results.map { $0.record.jsonLine + "\n" }.joined()
        }
        if let status { throw CommandError(status: status) }
        try StandardOutput.write(text)
    }

    /// The requested numbers of tokens without repetition, by default powers of two below the number of a frame's
    /// tokens.
    private func refreshes(for model: RecognitionModel) -> [Int] {
        let defaults = [0, 1, 2, 4, 8, 16, 32].filter { $0 < model.tokensPerFrame }
        var seen: Set<Int> = []
        return (self.refresh.isEmpty ? defaults : self.refresh).filter { seen.insert($0).inserted }
    }

    /// Returns the ground truth in the file beside a video; `nil` if it doesn't exist.
    private static func groundTruth(of address: SourceAddress) throws -> GroundTruth? {
        guard address.kind == .file, let dot = address.displayName.lastIndex(of: ".") else { return nil }
        let path = "\(address.displayName[..<dot]).timeline.json"
        return FileManager.default.fileExists(atPath: path) ? try GroundTruth(path: path) : nil
    }
}
