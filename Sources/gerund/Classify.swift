import ArgumentParser
import GerundCore
import GerundEngine
import GerundEvents
import GerundMedia
import GerundRecords
import GerundSettings
import GerundStream

/// `gerund classify`: the labels of whole clips.
struct Classify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Classify whole clips: the labels that fit a file best.",
        discussion: """
            Averages the logits of all windows of a file. One window covers a file that is shorter than --window.

            EXAMPLES
              gerund classify clip.mp4
              gerund classify --label "a cat" --label "a dog" *.mp4
              gerund classify --format jsonl clips/*.mp4 > results.jsonl
            """)

    @Argument(help: ArgumentHelp("The clips.", valueName: "file"))
    var files: [String]

    @OptionGroup(title: "Model and labels") var model: ModelOptions

    @OptionGroup var options: ClassificationOptions

    @OptionGroup var report: ReportOptions

    @OptionGroup var logging: LogOptions

    func run() async throws {
        let addresses = try self.files.map { try SourceAddress.parse([$0])[0] }
        self.logging.apply()
        let settings = Settings(self.model, self.options)
        let model = try await ModelLoader.load(settings)
        let resolved = try ResolvedSettings(settings, for: model)
        let labels = try resolved.labelSet(for: model)
        let (failures, status) = try await Signals.withSignalHandling(onHangup: {}) {
            let classifier = try await ClipClassifier(model: model, labels: labels, plan: resolved.plan)
            return try await self.classify(addresses, with: classifier, model.inputFormat, top: resolved.top)
        }
        if let status { throw CommandError(status: status) }
        guard !failures.isEmpty else { return }
        throw CommandError(status: failures.count == addresses.count ? .noSource : .failure)
    }

    /// Classifies clips.
    ///
    /// A clip that can't be read is reported and skipped.
    ///
    /// - Returns: The errors of skipped clips.
    private func classify(
        _ addresses: [SourceAddress], with classifier: ClipClassifier, _ format: FrameFormat, top: Int
    ) async throws -> [CaptureError] {
        var failures: [CaptureError] = []
        for address in addresses {
            do {
                let classification = try await classifier.classify { interval in
                    MediaSource(
                        address: address,
                        configuration: CaptureConfiguration(frameFormat: format, samplingInterval: interval))
                }
                try StandardOutput.write(self.text(classification, top: top))
            } catch let error as CaptureError {
                StandardError.write("gerund: \(error.summary)")
                failures.append(error)
            }
        }
        return failures
    }

    private func text(_ classification: Classification, top: Int) -> String {
        guard self.report.isText else { return classification.record(top: top).map { $0.jsonLine + "\n" } ?? "" }
        let lines = classification.predictions.prefix(top).map {
            "  \($0.probability.fixed(3))  \($0.score.fixed(3))  \($0.label)\n"
        }
        return "\(classification.source)\n" + lines.joined()
    }
}

/// The options of `gerund classify` alone.
struct ClassificationOptions: SettingOptions {
    @Option(\.top) var top: SettingAssignment?
}
