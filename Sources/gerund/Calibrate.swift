import ArgumentParser
import GerundCore
import GerundEngine
import GerundEvents
import GerundMedia
import GerundSettings
import GerundStream

/// `gerund calibrate`: thresholds that keep to a budget of false alarms.
struct Calibrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find per-label thresholds that keep false alarms within a budget, using videos without events.",
        discussion: """
            Processes SOURCE as gerund watch would. Every event in it counts as a false alarm, so the recordings must \
            not contain any event of interest. For each label, finds the lowest start threshold that keeps to the \
            budget and a proportional end threshold, and prints an upper bound on the false alarms per day with 95 % \
            confidence. The less video, the weaker the guarantee: to guarantee at most one false alarm per day takes \
            three days of video without any for a single label, and more for several. With less, the thresholds are those \
            above which the video has no alarm. Start thresholds below --start-threshold are not considered.

            The file of --output also holds the labels, background, windows and event rules, because the thresholds are \
            valid only with these.

            Ctrl-C stops and reports what was processed so far.

            EXAMPLES
              gerund calibrate monday.mp4 tuesday.mp4 --label "falling down" --output thresholds.yaml
              gerund calibrate rtsp://cam/1 --duration 24h --false-alarms-per-day 5 --output thresholds.yaml
              gerund watch rtsp://cam/1 --config thresholds.yaml
            """)

    @Argument(help: ArgumentHelp("Recordings without any event of interest.", valueName: "source"))
    var sources: [String]

    @OptionGroup(title: "Model and labels") var model: ModelOptions

    @OptionGroup(title: "Exact and fast mode") var mode: ModeOptions

    @OptionGroup(title: "Events") var events: EventOptions

    @OptionGroup var calibration: CalibrationOptions

    @OptionGroup var duration: DurationOptions

    @OptionGroup var report: ReportOptions

    @OptionGroup var logging: LogOptions

    func run() async throws {
        let addresses = try SourceAddress.parse(self.sources)
        self.logging.apply()
        let settings = Settings(self.model, self.mode, self.events, self.calibration, self.duration)
        // Fails before the hours that calibration may take.
        let file = try settings.output.map(CalibrationFile.init)
        let model = try await ModelLoader.load(settings)
        let resolved = try ResolvedSettings(settings, for: model)
        var configuration = resolved.configuration(labels: try resolved.labelSet(for: model))
        configuration.audit = 0
        let sources = addresses.map { address in
            MediaSource(
                address: address,
                configuration: CaptureConfiguration(
                    frameFormat: model.inputFormat, samplingInterval: resolved.plan.samplingInterval, pace: .unpaced))
        }
        let progress = Progress(name: "processed")
        let budget = resolved.falseAlarmsPerDay
        let ((calibration, outcomes), status) = try await Signals.withSignalHandling(onHangup: {}) { [configuration] in
            try await Calibrator(model: model, configuration: configuration).run(sources, budget: budget) {
                progress.update(.zero + $0)
            }
        }
        progress.finish()
        if let calibration {
            try file?.write(
                calibration.yaml(sources: addresses.map(\.id.name), Self.context(of: configuration, model)))
            try StandardOutput.write(self.report.isText ? calibration.text : calibration.jsonLines)
        } else if status == nil, outcomes.allSatisfy({ $0.error == nil }) {
            throw CommandError(
                status: .failure,
                message: "not enough video for two windows of "
                    + "\((resolved.plan.windowDuration / .seconds(1)).fixed(2)) s: use more, or lower --window")
        }
        try Watch.report(outcomes, status)
    }

    private static func context(
        of configuration: RecognizerConfiguration, _ model: RecognitionModel
    ) -> Calibration.Context {
        Calibration.Context(
            model: model.name, background: configuration.labels.background, window: configuration.plan.windowDuration,
            windowRate: configuration.plan.windowRate, smoothing: configuration.smoothing,
            thresholds: configuration.thresholds)
    }
}

/// The options of `gerund calibrate` alone.
struct CalibrationOptions: SettingOptions {
    @Option(\.falseAlarmsPerDay) var falseAlarmsPerDay: SettingAssignment?
    @Option(\.output) var output: SettingAssignment?
}
