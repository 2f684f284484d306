import GerundCore
public import GerundEngine
public import GerundEvents
public import GerundMedia
public import GerundStream

/// The settings of a run: those of the user, completed by those of the model and the built-in defaults.
///
///     let model = try RecognitionModel(path: "xclip-base-patch32")
///     let settings = try ResolvedSettings(commandLine, files: [file], for: model)
///     let labels = try settings.labelSet(for: model)
///     let recognizer = try await Recognizer(model: model, configuration: settings.configuration(labels: labels))
public struct ResolvedSettings: Sendable {
    /// The settings of the command line and the configuration files.
    public let given: Settings
    /// ``given``, completed by the settings of the model.
    private let merged: Settings

    /// The sampling of frames and windows.
    public let plan: SamplingPlan
    /// The thresholds and times of events.
    public let thresholds: EventThresholds
    /// The half-life of score smoothing.
    public let smoothing: Duration

    /// Resolves settings for a model.
    ///
    /// - Parameters:
    ///   - commandLine: The settings of the command line, which take precedence over all others.
    ///   - files: The settings of configuration files; later files take precedence over earlier ones.
    ///   - model: The model.
    /// - Throws: ``SettingsError`` `invalidModelSettings` or `conflictingSettings`, the latter also for windows that
    ///   take too much memory.
    public init(
        _ commandLine: Settings, files: [Settings] = [], for model: RecognitionModel
    ) throws(SettingsError) {
        let modelSettings = try Settings(modelJSON: model.settings, path: model.settingsPath)
        try self.init(commandLine, files: files, model: modelSettings, frameCount: model.frameCount)
        do {
            try model.validate(self.plan, mode: self.mode)
        } catch {
            throw self.merged.conflict([Self.table.rate.key, Self.table.window.key], error.message)
        }
    }

    /// Resolves settings for a model of which only the settings are known.
    ///
    /// - Parameters:
    ///   - commandLine: The settings of the command line, which take precedence over all others.
    ///   - files: The settings of configuration files; later files take precedence over earlier ones.
    ///   - model: The settings of the model.
    ///   - frameCount: The number of frames in a window of the model.
    /// - Throws: ``SettingsError`` `conflictingSettings`.
    public init(
        _ commandLine: Settings, files: [Settings] = [], model: Settings, frameCount: Int
    ) throws(SettingsError) {
        self.given = files.reversed().reduce(commandLine) { $0.merging(defaults: $1) }
        try self.given.checkCombinations()
        self.merged = self.given.merging(defaults: model)
        self.plan = try Self.plan(self.merged, frameCount: frameCount)
        self.thresholds = try Self.thresholds(self.merged, given: self.given)
        self.smoothing = self.merged.value(of: Self.table.smoothing)
    }

    // MARK: Values

    /// The sources to watch.
    public var sources: [SourceAddress] { self.given.sources ?? [] }
    /// The mode in which windows are computed.
    public var mode: RecognitionMode { self.merged.value(of: Self.table.mode) }
    /// The number of tokens that fast mode recomputes per cached frame; `Int.max` for all.
    public var refresh: Int { self.merged.value(of: Self.table.refresh) }
    /// The fraction of fast windows that are verified, from 0 to 1.
    public var audit: Double { self.merged.value(of: Self.table.audit) }
    /// The media time after which a source ends; `nil` for no limit.
    public var duration: Duration? { self.merged.duration }
    /// The playback speed of files; `nil` to let the kind of output decide.
    public var pace: CaptureConfiguration.Pace? { self.merged.pace }
    /// The time without data after which a source is reopened.
    public var stallTimeout: Duration { self.merged.value(of: Self.table.stallTimeout) }
    /// A Boolean value that indicates whether sources that never opened are retried.
    public var keepTrying: Bool { self.merged.value(of: Self.table.keepTrying) }
    /// The form of the output.
    public var format: OutputFormat { self.merged.value(of: Self.table.format) }
    /// A Boolean value that indicates whether JSON Lines hold a label only when it changes.
    public var onlyChanges: Bool { self.merged.value(of: Self.table.onlyChanges) }
    /// The path of the event log; `nil` for none.
    public var log: String? { self.merged.log }

    /// The number of labels to print per clip.
    public var top: Int { self.merged.value(of: Self.table.top) }
    /// The maximum number of false alarms per day and source.
    public var falseAlarmsPerDay: Double { self.merged.value(of: Self.table.falseAlarmsPerDay) }

    /// The rotation of the event log; `nil` for none.
    public var logRotation: LogRotation? {
        self.merged.logMaximumSize.map {
            LogRotation(maximumSize: $0, maximumFileCount: self.merged.value(of: Self.table.logMaximumFiles))
        }
    }

    /// The requested number of windows per second if the plan rounds it by more than 1 %; else `nil`.
    public var roundedRate: Double? {
        self.merged.rate.flatMap { abs(self.plan.windowRate - $0) > 0.01 * $0 ? $0 : nil }
    }

    /// Returns the labels and background phrases.
    ///
    /// Blocks the calling thread until the label file, if there is one, has been read.
    ///
    /// - Parameter model: The model that encodes them.
    /// - Returns: The labels.
    /// - Throws: ``SettingsError`` `invalidLabels` if the file can't be read, or the model can't use a text.
    public func labelSet(for model: RecognitionModel) throws(SettingsError) -> LabelSet {
        do throws(ModelError) {
            let listed = if let path = self.merged.labelsFile { try LabelFile.read(path: path) } else { [String]() }
            let labels = (self.merged.labels ?? []) + listed
            return try LabelSet(labels: labels, background: self.background(beside: labels), for: model)
        } catch {
            let keys = [Self.table.labels.key, Self.table.labelsFile.key, Self.table.background.key]
            let location = keys.lazy.compactMap { self.given.locations[$0] }.first
            throw SettingsError(.invalidLabels, at: location, error.summary)
        }
    }

    /// The background phrases.
    ///
    /// A phrase of the model that the user wants to recognize isn't background.
    func background(beside labels: [String]) -> [String] {
        if let own = self.given.background { return own }
        return (self.merged.background ?? []).filter { !labels.contains($0) }
    }

    /// Returns the configuration of a recognizer.
    ///
    /// - Parameters:
    ///   - labels: The labels; see ``labelSet(for:)``.
    ///   - eventIDs: Returns the generator of the ids of a source's events. The default makes random ones.
    /// - Returns: The configuration.
    public func configuration(
        labels: LabelSet, eventIDs: @escaping @Sendable (any FrameSource) -> EventIDGenerator = { _ in .random }
    ) -> RecognizerConfiguration {
        RecognizerConfiguration(
            labels: labels, plan: self.plan, smoothing: self.smoothing, thresholds: self.thresholds, mode: self.mode,
            refresh: self.refresh, audit: self.audit, duration: self.duration, eventIDs: eventIDs)
    }

    // MARK: Checks

    private static var table: SettingsTable { .shared }

    private static func plan(_ settings: Settings, frameCount: Int) throws(SettingsError) -> SamplingPlan {
        let window: Duration = settings.value(of: self.table.window)
        do {
            return try SamplingPlan(frameCount: frameCount, windowDuration: window, windowRate: settings.rate)
        } catch {
            throw settings.conflict([table.window.key], error.message)
        }
    }

    private static func thresholds(_ settings: Settings, given: Settings) throws(SettingsError) -> EventThresholds {
        let start: Double = settings.value(of: self.table.startThreshold)
        // A threshold that the user didn't give follows the one that the user gave.
        let end: Double = given.endThreshold ?? min(settings.value(of: self.table.endThreshold), start)
        guard end <= start else { throw given.thresholdConflict(start: start, end: end) }
        let defaults = HysteresisThresholds(start: start, end: end)
        return EventThresholds(
            startThreshold: start, endThreshold: end, minimumDuration: settings.value(of: self.table.minimumDuration),
            mergeGap: settings.value(of: self.table.mergeGap), cooldown: settings.value(of: self.table.cooldown),
            allowsOverlap: settings.value(of: self.table.overlap), updateInterval: settings.updateInterval,
            labelThresholds: (settings.thresholds ?? [:]).mapValues { $0.resolved(defaults: defaults) })
    }
}

extension LabelThresholds {
    /// Returns the thresholds with those of all labels for the missing ones.
    ///
    /// A threshold that is given moves the other one as far as necessary to keep the end at or below the start.
    ///
    /// - Parameter defaults: The thresholds of all labels.
    /// - Returns: The thresholds.
    public func resolved(defaults: HysteresisThresholds) -> HysteresisThresholds {
        let start = self.start ?? max(defaults.start, self.end ?? 0)
        return HysteresisThresholds(start: start, end: self.end ?? defaults.end)
    }
}
