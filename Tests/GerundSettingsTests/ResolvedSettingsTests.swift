import GerundCore
import GerundEngine
import GerundEvents
import GerundSettings
import GerundStream
import Testing

@Suite("ResolvedSettings")
struct ResolvedSettingsTests {
    private func model(_ json: String = "{}") throws -> Settings {
        try Settings(modelJSON: try JSONValue(parsing: Array(json.utf8)).object, path: "m/gerund.json")
    }

    private func resolve(
        _ commandLine: Settings = Settings(), files: [Settings] = [], model: String = "{}", frameCount: Int = 8
    ) throws -> ResolvedSettings {
        try ResolvedSettings(commandLine, files: files, model: self.model(model), frameCount: frameCount)
    }

    @Test("Have the built-in defaults without any other settings")
    func defaults() throws {
        let settings = try self.resolve()
        #expect(settings.plan == (try SamplingPlan(frameCount: 8, windowDuration: .seconds(8))))
        #expect(settings.thresholds == EventThresholds())
        #expect(settings.smoothing == .milliseconds(500) && settings.stallTimeout == .seconds(10))
        #expect(settings.mode == .auto && settings.refresh == 1 && settings.audit == 0.01 && settings.format == .auto)
        #expect(settings.duration == nil && settings.pace == nil && !settings.keepTrying && !settings.onlyChanges)
        #expect(settings.log == nil && settings.logRotation == nil && settings.sources.isEmpty)
        #expect(settings.top == 5 && settings.falseAlarmsPerDay == 1)
    }

    @Test("Prefer the command line to files, later files to earlier ones, files to the model, the model to defaults")
    func precedence() throws {
        let json = #"{"window": 2, "rate": 1, "smoothing": 3, "min_duration": "1m30s", "merge_gap": 4}"#
        var (first, second, line) = (Settings(), Settings(), Settings())
        (first.window, first.rate, first.smoothing) = (.seconds(3), 2, .seconds(5))
        (second.window, second.rate) = (.seconds(4), 3)
        line.window = .seconds(5)
        let settings = try self.resolve(line, files: [first, second], model: json)
        #expect(settings.plan == (try SamplingPlan(frameCount: 8, windowDuration: .seconds(5), windowRate: 3)))
        #expect(settings.smoothing == .seconds(5))
        #expect(settings.thresholds.minimumDuration == .seconds(90))
        #expect(settings.thresholds.mergeGap == .seconds(4))
        #expect(settings.thresholds.cooldown == .zero)
    }

    @Test("Lower the end threshold of the model to a start threshold of the user")
    func loweredEnd() throws {
        var line = Settings()
        line.startThreshold = 0.3
        let thresholds = try self.resolve(line, model: #"{"start_threshold": 0.5, "end_threshold": 0.4}"#).thresholds
        #expect(thresholds.startThreshold == 0.3 && thresholds.endThreshold == 0.3)
        line = Settings()
        line.endThreshold = 0.45
        #expect(try self.resolve(line, model: #"{"start_threshold": 0.5}"#).thresholds.endThreshold == 0.45)
        line.endThreshold = 0.9
        #expect(throws: SettingsError.self) { try self.resolve(line, model: #"{"start_threshold": 0.5}"#) }
    }

    @Test("Turn the thresholds of labels, and all rules of events, into those of the event detection")
    func events() throws {
        var line = Settings()
        line.startThreshold = 0.7
        line.overlap = true
        line.updateInterval = .seconds(10)
        line.cooldown = .seconds(60)
        line.thresholds = ["a": LabelThresholds(start: 0.9)]
        let thresholds = try self.resolve(line).thresholds
        #expect(
            thresholds.allowsOverlap && thresholds.updateInterval == .seconds(10) && thresholds.cooldown == .seconds(60)
        )
        #expect(thresholds.labelThresholds == ["a": HysteresisThresholds(start: 0.9, end: 0.4)])
    }

    @Test("Reject windows that are too short for the model's frames, with the line", arguments: [10_000, 512, 200])
    func shortWindow(frameCount: Int) throws {
        var file = Settings()
        file.assign(
            SettingAssignment(SettingsTable.shared.window, .milliseconds(100)),
            at: SettingLocation(path: "g.yaml", line: 2))
        #expect(
            performing: { try self.resolve(files: [file], frameCount: frameCount) },
            throws: { error in
                guard let error = error as? SettingsError else { return false }
                return error.code == .conflictingSettings
                    && error.summary.hasPrefix("g.yaml:2: invalid window of 0.1 s")
            })
        #expect(throws: Never.self) { try self.resolve(files: [file], frameCount: 100) }
    }

    @Test("Report a rate that the plan rounds by more than 1 %")
    func rounding() throws {
        var line = Settings()
        line.rate = 3.7
        let settings = try self.resolve(line)
        #expect(settings.roundedRate == 3.7 && settings.plan.windowRate == 4)
        line.rate = 4
        #expect(try self.resolve(line).roundedRate == nil)
        #expect(try self.resolve().roundedRate == nil)
    }

    @Test("Rotate the log by the given size, with the default number of files")
    func rotation() throws {
        var line = Settings()
        line.log = "events.jsonl"
        line.logMaximumSize = 10 << 20
        #expect(try self.resolve(line).logRotation == LogRotation(maximumSize: 10 << 20))
        line.logMaximumFiles = 3
        #expect(try self.resolve(line).logRotation == LogRotation(maximumSize: 10 << 20, maximumFileCount: 3))
        line.logMaximumSize = nil
        #expect(throws: SettingsError.self) { try self.resolve(line) }
    }
}
