public import GerundEngine
import GerundEvents
public import GerundMedia

/// All settings of Gerund.
///
/// All settings are defined here. Options, YAML keys, `gerund.json`, help and the reference article come from it.
public struct SettingsTable: Sendable {
    /// The table.
    public static let shared = SettingsTable()

    // MARK: Sources and model

    /// The sources to watch.
    public let sources = Setting(
        "sources", option: .none, .sources, "The sources to watch.", described: "those of the command line", .live)

    /// The name of the model in records.
    public let name = Setting(
        "name", option: .none, .text, "The name of the model in records.", described: "the directory's name",
        files: [.model],
        commands: [])

    /// The model directory.
    public let model = Setting(
        "model", .path(placeholder: "directory"), "The model directory, in Hugging Face format.",
        described: "the demo model that comes with Gerund", commands: Self.recognizing.union([.bench]))

    /// The number format of matrix multiplication.
    public let precision = Setting(
        "precision", .choice(placeholder: "precision"),
        "The number format of matrix multiplication; bf16 is faster where the processor supports it.",
        default: PrecisionSetting.f32, commands: Self.recognizing.union([.bench]))

    /// The number of threads for matrix multiplication.
    public let threads = Setting(
        "threads", .integer(1...1024), "The number of threads for matrix multiplication.",
        described: "one per core, or one for a small model with oneDNN or OpenBLAS",
        commands: Self.recognizing.union([.bench]))

    // MARK: Labels

    /// The labels to recognize.
    public let labels = Setting(
        "labels", option: .named("label"), .texts(example: "waving a hand"),
        "A label to recognize: any text (repeatable).",
        files: [.configuration, .model], commands: Self.recognizing, .live)

    /// A file with one label per line.
    public let labelsFile = Setting(
        "labels_file", option: .named("labels"), .path(placeholder: "file"),
        "A file of labels to recognize, one per line; lines that begin with # are comments.",
        commands: Self.recognizing, .live)

    /// The background phrases.
    public let background = Setting(
        "background", .texts(example: "an empty room"),
        "A description of the scene when no label applies (repeatable).", described: "general phrases",
        files: [.configuration, .model], commands: Self.recognizing, .live)

    // MARK: Windows

    /// The time that one window covers.
    public let window = Setting(
        "window", .duration(SettingRange(from: 0.1, through: 3600)),
        "The media time that one window of frames covers.", default: .seconds(8),
        files: [.configuration, .model], commands: Self.recognizing, formerly: ["span"])

    /// Windows per second.
    public let rate = Setting(
        "rate", .number(SettingRange(above: 0, through: 60), placeholder: "rate", unit: "windows per second"),
        "Windows per second of media time.", described: "frames per window / window duration",
        files: [.configuration, .model], commands: Self.recognizing)

    /// The mode in which windows are computed.
    public let mode = Setting(
        "mode", .choice(placeholder: "mode"),
        "How windows are computed. exact: the published model, to rounding error. fast: each frame is encoded once, and "
            + "older frames are partially recomputed. auto: exact for unpaced files and while the machine keeps up, "
            + "else fast.",
        default: RecognitionMode.auto, commands: [.watch, .calibrate, .bench])

    /// The number of tokens that fast mode recomputes per older frame.
    public let refresh = Setting(
        "refresh", .tokens,
        "The number of tokens to recompute per older frame in fast mode: 0, 1 (class token only), N, or all.",
        default: RecognizerConfiguration.defaultRefresh,
        commands: [.watch, .calibrate, .bench, .compare])

    /// The fraction of fast windows to verify.
    public let audit = Setting(
        "audit", .ratio,
        "The fraction of fast windows, chosen at random, to recompute exactly for comparison; 0 disables it.",
        default: RecognizerConfiguration.defaultAudit)

    // MARK: Events

    /// The score above which an event starts.
    public let startThreshold = Setting(
        "start_threshold", .number(SettingRange(from: 0, through: 1), placeholder: "score"),
        "The smoothed score, from 0 to 1, above which an event starts.", default: EventThresholds().startThreshold,
        files: [.configuration, .model], commands: Self.detecting, .live, formerly: ["enter"])

    /// The score below which an event ends.
    public let endThreshold = Setting(
        "end_threshold", .number(SettingRange(from: 0, through: 1), placeholder: "score"),
        "The smoothed score, from 0 to 1, below which an event ends; at most the start threshold.",
        default: EventThresholds().endThreshold,
        files: [.configuration, .model], commands: Self.detecting, .live, formerly: ["exit"])

    /// Thresholds of single labels.
    public let thresholds = Setting(
        "thresholds", option: .none, .labelThresholds,
        "Thresholds of single labels: a mapping from labels to start_threshold and end_threshold.", .live)

    /// The time for which a label must lead.
    public let minimumDuration = Setting(
        "min_duration", .duration(Self.eventTime),
        "The media time for which a label must lead, with the highest smoothed score and above its start threshold, before "
            + "its event starts.", default: EventThresholds().minimumDuration,
        files: [.configuration, .model], commands: Self.detecting, .live)

    /// The half-life of score smoothing.
    public let smoothing = Setting(
        "smoothing", .duration(Self.eventTime), "The half-life of score smoothing, in media time; 0 disables it.",
        default: RecognizerConfiguration.defaultSmoothing, files: [.configuration, .model], commands: Self.detecting,
        .live)

    /// The maximum gap within one event.
    public let mergeGap = Setting(
        "merge_gap", .duration(Self.eventTime), "The maximum gap within one event, in media time.",
        default: EventThresholds().mergeGap, files: [.configuration, .model], commands: Self.detecting, .live)

    /// The minimum gap between events of one label.
    public let cooldown = Setting(
        "cooldown", .duration(Self.eventTime), "The minimum gap between two events of one label, in media time.",
        default: EventThresholds().cooldown, commands: Self.detecting, .live)

    /// A flag for separate events of each label.
    public let overlap = Setting(
        "overlap", .flag,
        "Detect events of each label independently; events may overlap. By default, only the leading label has events.",
        default: false, commands: Self.detecting)

    /// The interval between updates of an ongoing event.
    public let updateInterval = Setting(
        "update_interval", .duration(SettingRange(from: 0.1, through: 86_400)),
        "The media time between two updates of an ongoing event.", described: "never", commands: Self.detecting, .live,
        formerly: ["updates"])

    // MARK: Capture

    /// The playback speed of files.
    public let pace = Setting<CaptureConfiguration.Pace>(
        "pace", .choice(placeholder: "pace", formerChoices: ["fast": "unpaced"]),
        "The playback speed of files: real time, or as fast as possible.",
        described: "realtime on a terminal, else unpaced", .reopensSources)

    /// The media time after which a source ends.
    public let duration = Setting(
        "duration", .duration(SettingRange(above: 0, through: 250_000 * 3600)),
        "Stop each source after this much media time.",
        described: "no limit", commands: [.watch, .compare, .calibrate])

    /// The time without data after which a source is reopened.
    public let stallTimeout = Setting(
        "stall_timeout", .duration(SettingRange(from: 0.1, through: 3600)),
        "Reconnect a source that delivers no data for this long.", default: CaptureConfiguration.defaultStallTimeout,
        .reopensSources)

    /// A flag for retrying sources that never opened.
    public let keepTrying = Setting(
        "keep_trying", .flag, "Retry sources that fail to open initially.", default: false, .reopensSources)

    // MARK: Output

    /// The form of the output.
    public let format = Setting(
        "format", .choice(placeholder: "format"),
        "What to print: auto is text on a terminal and JSON Lines otherwise; screen is the full-screen view of watch.",
        default: OutputFormat.auto, commands: [.watch, .classify, .compare, .calibrate, .probe, .devices])

    /// A flag for printing labels only when they change.
    public let onlyChanges = Setting(
        "only_changes", .flag, "In JSON Lines, print a label only when it changes.", default: false,
        formerly: ["changes"])

    /// The event log.
    public let log = Setting(
        "log", .path(placeholder: "file"), "Append events as JSON Lines to this file as well.", described: "none")

    /// The size at which the log is rotated.
    public let logMaximumSize = Setting(
        "log_max_size", .logSize,
        "Rotate the log before it exceeds this size; FILE.1 is the newest rotated file. Not for use with logrotate.",
        described: "no rotation", formerly: ["log_size"])

    /// The number of rotated logs to keep.
    public let logMaximumFiles = Setting(
        "log_max_files", .integer(LogRotation.allowedFileCounts), "The number of rotated logs to keep.",
        default: LogRotation.defaultFileCount, formerly: ["log_keep"])

    /// The file that a command writes.
    public let output = Setting(
        "output", .path(placeholder: "file"), "Write the thresholds to this file as well, for gerund watch --config.",
        files: [], commands: [.calibrate], formerly: ["out"])

    /// The number of labels per clip.
    public let top = Setting(
        "top", .integer(1...LabelSet.maximumCount), "The number of labels to print per clip.", default: 5, files: [],
        commands: [.classify])

    /// The budget of false alarms.
    public let falseAlarmsPerDay = Setting(
        "false_alarms_per_day",
        .number(SettingRange(above: 0, through: 1e6), placeholder: "count", unit: "false alarms"),
        "The maximum number of false alarms per day and source, over all labels.", default: 1, files: [],
        commands: [.calibrate])

    // MARK: All of them

    /// All settings, in the order of the reference.
    public var all: [AnySetting] { Self.settings }

    private static let settings: [AnySetting] = {
        let table = SettingsTable.shared
        return [
            AnySetting(table.sources), AnySetting(table.name), AnySetting(table.model), AnySetting(table.precision),
            AnySetting(table.threads), AnySetting(table.labels), AnySetting(table.labelsFile),
            AnySetting(table.background), AnySetting(table.window), AnySetting(table.rate), AnySetting(table.mode),
            AnySetting(table.refresh), AnySetting(table.audit), AnySetting(table.startThreshold),
            AnySetting(table.endThreshold), AnySetting(table.thresholds), AnySetting(table.minimumDuration),
            AnySetting(table.smoothing), AnySetting(table.mergeGap), AnySetting(table.cooldown),
            AnySetting(table.overlap), AnySetting(table.updateInterval), AnySetting(table.pace),
            AnySetting(table.duration), AnySetting(table.stallTimeout), AnySetting(table.keepTrying),
            AnySetting(table.format), AnySetting(table.onlyChanges), AnySetting(table.log),
            AnySetting(table.logMaximumSize), AnySetting(table.logMaximumFiles), AnySetting(table.output),
            AnySetting(table.top), AnySetting(table.falseAlarmsPerDay),
        ]
    }()

    /// Returns the settings that a kind of file may give.
    public func settings(in file: SettingsFileKind) -> [AnySetting] { self.all.filter { $0.files.contains(file) } }

    /// Returns the message for an option that was renamed, such as `'--span' is now called '--window'`.
    ///
    /// - Parameter option: The option without its dashes.
    /// - Returns: `nil` for a name that no option ever had.
    public func formerOptionMessage(_ option: String) -> String? {
        let key = option.replacing("-", with: "_")
        guard let setting = self.all.first(where: { $0.formerKeys.contains(key) }), let name = setting.option else {
            return nil
        }
        return "'--\(option)' is now called '--\(name)'"
    }

    /// Commands that load a model and recognize labels in sources.
    private static let recognizing: Set<SettingsCommand> = [.watch, .classify, .compare, .calibrate]
    /// Commands that turn scores into events.
    private static let detecting: Set<SettingsCommand> = [.watch, .calibrate]
    /// The times of events.
    private static let eventTime = SettingRange(from: 0, through: 3600)
}
