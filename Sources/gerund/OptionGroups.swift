import ArgumentParser
import GerundMedia
import GerundSettings
import Logging

/// The options for the model and its labels.
struct ModelOptions: SettingOptions {
    @Option(\.model) var model: SettingAssignment?
    @Option(\.labels) var labels: [SettingAssignment] = []
    @Option(\.labelsFile) var labelsFile: SettingAssignment?
    @Option(\.background) var background: [SettingAssignment] = []
    @Option(\.window) var window: SettingAssignment?
    @Option(\.rate) var rate: SettingAssignment?
    @Option(\.precision) var precision: SettingAssignment?
    @Option(\.threads) var threads: SettingAssignment?
}

/// The options for computing windows.
struct ModeOptions: SettingOptions {
    @Option(\.mode) var mode: SettingAssignment?
    @Option(\.refresh) var refresh: SettingAssignment?
}

/// The options for turning scores into events.
struct EventOptions: SettingOptions {
    @Option(\.startThreshold) var startThreshold: SettingAssignment?
    @Option(\.endThreshold) var endThreshold: SettingAssignment?
    @Option(\.minimumDuration) var minimumDuration: SettingAssignment?
    @Option(\.smoothing) var smoothing: SettingAssignment?
    @Option(\.mergeGap) var mergeGap: SettingAssignment?
    @Option(\.cooldown) var cooldown: SettingAssignment?
    @Flag(\.overlap) var overlap = false
    @Option(\.updateInterval) var updateInterval: SettingAssignment?

    var flags: [SettingAssignment?] { [SettingAssignment(\.overlap, flag: self.overlap)] }
}

/// The option for ending sources.
struct DurationOptions: SettingOptions {
    @Option(\.duration) var duration: SettingAssignment?
}

/// The options for reading sources.
struct CaptureOptions: SettingOptions {
    @Option(\.pace) var pace: SettingAssignment?
    @Option(\.stallTimeout) var stallTimeout: SettingAssignment?
    @Flag(\.keepTrying) var keepTrying = false

    var flags: [SettingAssignment?] { [SettingAssignment(\.keepTrying, flag: self.keepTrying)] }
}

/// The options for the output and log of `gerund watch`.
struct RecordOptions: SettingOptions {
    @Option(\.format) var format: SettingAssignment?
    @Flag(\.onlyChanges) var onlyChanges = false
    @Option(\.log) var log: SettingAssignment?
    @Option(\.logMaximumSize) var logMaximumSize: SettingAssignment?
    @Option(\.logMaximumFiles) var logMaximumFiles: SettingAssignment?

    var flags: [SettingAssignment?] { [SettingAssignment(\.onlyChanges, flag: self.onlyChanges)] }
}

/// The options for the output of a command without a full-screen view.
struct ReportOptions: SettingOptions {
    private static let formats = SettingsTable.shared.format.limited(to: [.auto, .text, .jsonl])
        .described("What to print: auto is text on a terminal and JSON Lines otherwise.")

    @Option(Self.formats) var format: SettingAssignment?

    /// A Boolean value that indicates whether to print text for people.
    var isText: Bool { Settings(self).value(of: Self.formats).isText }
}

/// The options for messages on standard error.
struct LogOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Also log FFmpeg's messages about the sources, without credentials.")
    var verbose = false

    /// Sets up the log.
    ///
    /// This method must be called before the first source is opened.
    func apply() {
        guard self.verbose else { return }
        var logger = Logger(label: "ffmpeg", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .info
        MediaLog.send(to: logger)
    }
}

/// The options for verifying fast mode.
struct AuditOptions: SettingOptions {
    @Option(\.audit) var audit: SettingAssignment?
}
