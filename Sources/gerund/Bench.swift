import ArgumentParser
import GerundEngine
import GerundRecords
import GerundSettings
import GerundTensor

/// `gerund bench`: the time of each stage on this machine.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time the model on this machine: per stage, and per window of a stream.",
        discussion: """
            One window is what a stream computes for each new frame: the frame, the encoder over the window's frames, \
            and the logits of all labels. Run it on an idle machine, without OPENBLAS_CORETYPE in the environment.

            EXAMPLES
              gerund bench
              gerund bench --precision bf16 --labels 400
              gerund bench --mode fast --refresh 1 --precision bf16
              gerund bench --sources 1,2,4,8,16
              gerund bench --model xclip --threads 1 --json
            """)

    @OptionGroup var options: BenchOptions

    @Option(help: ArgumentHelp("The number of labels to score.", valueName: "count"))
    var labels = 10

    @Option(
        help: ArgumentHelp(
            "The number of sources with a new frame at the same time; numbers in a list are timed one after the other.",
            valueName: "counts"))
    var sources = SourceCounts(values: [1])

    @Option(help: ArgumentHelp("The number of windows to time.", valueName: "count"))
    var runs = 9

    @Flag(help: "Print one line of JSON.")
    var json = false

    func validate() throws {
        let maximum = LabelSet.maximumCount
        guard 1...maximum ~= self.labels else { throw ValidationError("--labels must be from 1 to \(maximum).") }
        guard 1...100_000 ~= self.runs else { throw ValidationError("--runs must be from 1 to 100000.") }
        if let model = Settings(self.options).model, model.hasPrefix(Self.generatedPrefix), model != Self.generatedModel
        {
            throw ValidationError("--model \(model): only \(Self.generatedModel) is known.")
        }
    }

    func run() async throws {
        let settings = Settings(self.options)
        let configuration = Benchmark.Configuration(
            refresh: settings.mode == .fast ? settings.value(of: SettingsTable.shared.refresh) : nil,
            precision: settings.value(of: BenchOptions.precisions).precision,
            threads: settings.threads ?? ThreadPool.availableCoreCount, labels: self.labels,
            sources: self.sources.values, runs: self.runs)
        let model = settings.model ?? Self.generatedModel
        let benchmark = Benchmark(
            source: model == Self.generatedModel ? .generatedBasePatch32 : .directory(model),
            configuration: configuration)
        let (report, status) = try await Signals.withSignalHandling(onHangup: {}) {
            try await benchmark.run { StandardError.write("gerund: \($0)") }
        }
        if let status { throw CommandError(status: status) }
        try StandardOutput.write(self.json ? report.record.jsonLine + "\n" : report.text)
    }

    private static let generatedPrefix = "generated:"
    private static let generatedModel = "generated:base-patch32"
}

/// The options of `gerund bench` that are settings, with its own defaults.
struct BenchOptions: SettingOptions {
    @Option(
        SettingsTable.shared.model.described(
            "The model directory, or generated:base-patch32: the size of microsoft/xclip-base-patch32 with synthetic "
                + "weights.", default: "generated:base-patch32"))
    var model: SettingAssignment?

    @Option(
        SettingsTable.shared.mode.limited(to: [.exact, .fast], default: .exact).described(
            "How windows are computed. exact: the published model, to rounding error. fast: each frame is encoded once, "
                + "and older frames are partially recomputed."))
    var mode: SettingAssignment?

    @Option(\.refresh) var refresh: SettingAssignment?

    static let precisions = SettingsTable.shared.precision.limited(to: PrecisionSetting.allCases, default: .auto)

    @Option(Self.precisions) var precision: SettingAssignment?

    @Option(SettingsTable.shared.threads.described(default: "one per core")) var threads: SettingAssignment?
}

/// Numbers separated by commas: `1,2,4,8`.
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
