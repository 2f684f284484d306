import ArgumentParser
import FoundationEssentials
import GerundEngine
import GerundTensor

struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time the model on this machine: per stage, and per window of a stream.",
        discussion: """
            One window is what a stream computes for each new frame: the frame, the encoder over the window's frames, \
            and the logits of all labels. Start it on an idle machine, without OPENBLAS_CORETYPE in the environment.

            EXAMPLES
              gerund bench
              gerund bench --precision bf16 --labels 400
              gerund bench --mode fast --refresh 1 --precision bf16
              gerund bench --sources 1,2,4,8,16
              gerund bench --model xclip --threads 1 --json
            """)

    @Option(
        help: ArgumentHelp(
            "A model folder, or generated:base-patch32, the size of microsoft/xclip-base-patch32 with made-up weights.",
            valueName: "folder"))
    var model = "generated:base-patch32"

    @Option(help: "exact: the published model. fast: older frames are refreshed in part.")
    var mode: Mode = .exact

    @Option(
        help: ArgumentHelp(
            "What fast mode computes anew of every older frame: so many rows, 1 being the class token.",
            valueName: "rows"))
    var refresh: RefreshOption = .rows(1)

    @Option(help: "The number format of the matrix products; bf16 is faster where the processor has it.")
    var precision: PrecisionOption = .auto

    @Option(help: ArgumentHelp("How many labels are scored.", valueName: "count"))
    var labels = 10

    @Option(
        help: ArgumentHelp(
            "How many sources have a new frame at the same time; a list times one after the other.",
            valueName: "counts"))
    var sources = SourceCounts(values: [1])

    @Option(help: ArgumentHelp("Threads of the matrix products. Default: one for each core.", valueName: "count"))
    var threads: Int?

    @Option(help: ArgumentHelp("How many windows are timed.", valueName: "count"))
    var runs = 9

    @Flag(help: "Print one line of JSON.")
    var json = false

    enum Mode: String, CaseIterable, ExpressibleByArgument { case exact, fast }

    func validate() throws {
        guard 1...4096 ~= self.labels else { throw ValidationError("--labels has to be from 1 to 4096.") }
        guard 1...100_000 ~= self.runs else { throw ValidationError("--runs has to be from 1 to 100000.") }
        guard 1...1024 ~= self.threads ?? 1 else { throw ValidationError("--threads has to be from 1 to 1024.") }
        guard !self.model.hasPrefix("generated:") || self.model == "generated:base-patch32" else {
            throw ValidationError("--model \(self.model): only generated:base-patch32 is known.")
        }
    }

    func run() async throws {
        let configuration = Benchmark.Configuration(
            refresh: self.mode == .exact ? nil : self.refresh.count, precision: self.precision.precision,
            threads: self.threads ?? ProcessInfo.processInfo.activeProcessorCount, labels: self.labels,
            sources: self.sources.values, runs: self.runs)
        let isGenerated = self.model.hasPrefix("generated:")
        let benchmark = Benchmark(
            source: isGenerated ? .generatedBasePatch32 : .folder(self.model), configuration: configuration)
        do {
            let (report, status) = try await Signals.cancelling(onHangup: {}) {
                try await benchmark.run { StandardError.write("gerund: \($0)") }
            }
            if let status { throw CommandFailure(status: status) }
            try StandardOutput.write(self.json ? report.json + "\n" : report.text)
        } catch let error as ModelError {
            throw CommandFailure(status: .noModel, message: "\(error)")
        } catch is StandardOutput.Closed {
            return
        } catch is CancellationError {
            throw CommandFailure(status: .interrupted)
        }
    }
}

/// Numbers with commas between them: `1,2,4,8`.
struct SourceCounts: ExpressibleByArgument {
    var values: [Int]

    var defaultValueDescription: String { self.values.map(String.init).joined(separator: ",") }

    init(values: [Int]) { self.values = values }

    init?(argument: String) {
        let values = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard values.allSatisfy({ 1...64 ~= $0 ?? 0 }) else { return nil }
        self.values = values.compactMap(\.self)
    }
}
