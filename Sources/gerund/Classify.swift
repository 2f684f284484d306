import ArgumentParser
import GerundCore
import GerundEngine
import GerundEvents
import GerundMedia
import GerundStream

struct Classify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give one answer per clip: the labels that fit a whole file best.",
        discussion: """
            The mean of all windows of the file. A file that is shorter than --span is covered by one window.

            EXAMPLES
              gerund classify clip.mp4
              gerund classify --label "a cat" --label "a dog" *.mp4
              gerund classify --format jsonl clips/*.mp4 > answers.jsonl
            """)

    @Argument(help: "The clips.")
    var files: [String]

    @OptionGroup var options: ModelOptions

    @Option(help: ArgumentHelp("How many labels to print for each clip.", valueName: "count"))
    var top: Int = 5

    @Option(help: "What to print: text on a terminal and JSON Lines otherwise by default.")
    var format: OutputFormat = .auto

    @OptionGroup var logging: LogOptions

    func validate() throws {
        guard self.top > 0 else { throw ValidationError("--top has to be at least 1, not \(self.top).") }
    }

    func run() async throws {
        let addresses = try self.files.map { try SourceAddress.parse([$0])[0] }
        self.logging.apply()
        let model = try self.options.loadModel()
        let labels = try self.options.labelSet(for: model)
        let plan = try self.options.windowPlan(for: model)
        do {
            let (failures, status) = try await Signals.cancelling(onHangup: {}) {
                let classifier = try await ClipClassifier(model: model, labels: labels, plan: plan)
                return try await self.classify(addresses, with: classifier, model.picture)
            }
            if let status { throw CommandFailure(status: status) }
            guard !failures.isEmpty else { return }
            throw CommandFailure(status: failures.count == addresses.count ? .noSource : .failure)
        } catch is StandardOutput.Closed {
            return
        } catch is CancellationError {
            throw CommandFailure(status: .interrupted)
        } catch let error as ModelError {
            throw CommandFailure(status: .noModel, message: "\(error)")
        }
    }

    /// A clip that can't be read is told and passed over.
    ///
    /// - Returns: What went wrong.
    private func classify(
        _ addresses: [SourceAddress], with classifier: ClipClassifier, _ picture: PictureFormat
    ) async throws -> [CaptureError] {
        var failures: [CaptureError] = []
        for address in addresses {
            do {
                let answer = try await classifier.classify { period in
                    MediaSource(address: address, configuration: CaptureConfiguration(picture: picture, period: period))
                }
                try StandardOutput.write(self.text(answer))
            } catch let error as CaptureError {
                StandardError.write("gerund: \(error)")
                failures.append(error)
            }
        }
        return failures
    }

    private func text(_ classification: Classification) -> String {
        guard self.format.isText else { return classification.jsonLine(top: self.top) + "\n" }
        let lines = classification.answers.prefix(self.top).map {
            "  \($0.share.fixed(3))  \($0.score.fixed(3))  \($0.label)\n"
        }
        return "\(classification.source)\n" + lines.joined()
    }
}
