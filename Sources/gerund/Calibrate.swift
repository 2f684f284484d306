import ArgumentParser
import GerundCore
import GerundEngine
import GerundEvents
import GerundMedia
import GerundStream

struct Calibrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find the levels that keep false alarms within a budget, by footage in which nothing is amiss.",
        discussion: """
            Watches SOURCE as gerund watch would. Whatever starts an event there is a false alarm, so the footage has to \
            be normal: what is to be reported must not happen in it. For each label the lowest --enter level is found \
            that keeps to the budget, and an --exit level in proportion, and it is told how sure that is: a bound with \
            95 % confidence. Little footage can't promise little: for a single label, one false alarm a day takes three \
            days without any, more labels take longer. Then the levels are those above which the footage has no alarm. \
            Levels below --enter are not looked at.

            The file that --out names holds labels, background, windows and rules as well, for the levels hold with \
            these alone.

            Ctrl-C ends it with what was watched until then.

            EXAMPLES
              gerund calibrate monday.mp4 tuesday.mp4 --label "falling down" --out levels.yaml
              gerund calibrate rtsp://cam/1 --duration 86400 --false-alarms-per-day 5 --out levels.yaml
              gerund watch rtsp://cam/1 --config levels.yaml
            """)

    @Argument(help: "Where nothing is amiss.")
    var sources: [String]

    @OptionGroup var options: ModelOptions

    @Option(
        help: ArgumentHelp(
            "How many false alarms a day each source may have, of all labels together.", valueName: "count"))
    var falseAlarmsPerDay: Double = 1

    @Option(help: "How windows are computed; as it will be when watching.")
    var mode: ModeOption = .auto

    @Option(
        help: ArgumentHelp(
            "What fast mode computes anew of every older frame: so many rows, 1 being the class token, or all.",
            valueName: "rows"))
    var refresh: RefreshOption = .rows(1)

    @OptionGroup var events: EventOptions

    @Option(help: ArgumentHelp("Stop after so much of every source.", valueName: "seconds"))
    var duration: Double?

    @Option(help: ArgumentHelp("Write the levels to this file too, for gerund watch --config.", valueName: "file"))
    var out: String?

    @Option(help: "What to print: text on a terminal and JSON Lines otherwise by default.")
    var format: OutputFormat = .auto

    @OptionGroup var logging: LogOptions

    func validate() throws {
        guard self.falseAlarmsPerDay > 0, self.falseAlarmsPerDay <= 1e6 else {
            throw ValidationError("--false-alarms-per-day has to be above 0, not \(self.falseAlarmsPerDay).")
        }
        if let duration, !(duration > 0 && duration <= 1e9) {
            throw ValidationError("--duration has to be above 0 seconds, not \(duration).")
        }
    }

    func run() async throws {
        let addresses = try SourceAddress.parse(self.sources)
        self.logging.apply()
        // Before the hours that it takes, not after them.
        let file = try self.out.map(LevelsFile.init)
        let model = try self.options.loadModel()
        let plan = try self.options.windowPlan(for: model)
        let configuration = RecognizerConfiguration(
            labels: try self.options.labelSet(for: model), plan: plan, smoothing: self.events.smoothing(for: model),
            thresholds: try self.events.thresholds(for: model), mode: self.mode.mode, refresh: self.refresh.count,
            audit: 0, duration: self.duration.map { .seconds($0) })
        let sources = addresses.map { address in
            MediaSource(
                address: address,
                configuration: CaptureConfiguration(picture: model.picture, period: plan.period, pace: .fast))
        }
        let progress = Progress(name: "watched")
        do {
            let budget = self.falseAlarmsPerDay
            let ((calibration, outcomes), status) = try await Signals.cancelling(onHangup: {}) {
                try await Calibrator(model: model, configuration: configuration).run(sources, budget: budget) {
                    progress.frameArrived(at: .zero + $0)
                }
            }
            progress.finish()
            if let calibration {
                try file?.write(
                    calibration.yaml(
                        sources: addresses.map(\.id.name), Self.setting(of: configuration, model)))
                try StandardOutput.write(self.format.isText ? calibration.text : calibration.jsonLines)
            } else if status == nil, outcomes.allSatisfy({ $0.error == nil }) {
                throw CommandFailure(
                    status: .failure,
                    message: "too little footage for two windows of \((plan.span / .seconds(1)).fixed(2)) s: "
                        + "watch more, or lower --span")
            }
            try Watch.leave(outcomes, status)
        } catch is StandardOutput.Closed {
            return
        } catch is CancellationError {
            throw CommandFailure(status: .interrupted)
        } catch let error as ModelError {
            throw CommandFailure(status: .noModel, message: "\(error)")
        }
    }

    private static func setting(
        of configuration: RecognizerConfiguration, _ model: RecognitionModel
    ) -> Calibration.Setting {
        Calibration.Setting(
            model: model.name, background: configuration.labels.background,
            span: configuration.plan.span / .seconds(1), rate: configuration.plan.rate,
            smoothing: configuration.smoothing, thresholds: configuration.thresholds)
    }
}
