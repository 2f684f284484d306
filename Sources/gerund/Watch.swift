import ArgumentParser
import GerundCore
import GerundEngine
import GerundEvents
import GerundMedia
import GerundSettings
import GerundStream

/// `gerund watch`: continuous recognition.
struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Recognize actions in live or recorded video.",
        discussion: """
            SOURCE is a path, rtsp:// or http:// URL, /dev/videoN, test:GRAPH (a libavfilter graph), or - for \
            standard input. Options of a source follow a #: rtsp://cam/1#transport=udp&name=door, \
            /dev/video0#size=1280x720&fps=30&format=mjpeg.

            Durations are in seconds, or have units: 90, 90s, 15m, 1h30m.

            EXAMPLES
              gerund watch clip.mp4
              gerund watch clip.mp4 --format jsonl --only-changes | jq -r 'select(.type == "label").label'
              gerund watch rtsp://cam/1#name=door rtsp://cam/2#name=yard --log events.jsonl
              gerund watch /dev/video0 --label "drinking coffee" --background "a person at a desk"
              gerund watch --config gerund.yaml
              gerund watch rtsp://cam/1 --mode fast --audit 5% --format jsonl | jq 'select(.type == "audit")'
            """)

    @Argument(help: ArgumentHelp("The sources to watch (default: those of --config).", valueName: "source"))
    var sources: [String] = []

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            """
            Read sources, labels and any other setting from this YAML file; reread it when it changes and on SIGHUP. \
            Command-line options override the file; later files override earlier ones (repeatable).
            """, valueName: "file"), completion: .file())
    var configurations: [String] = []

    @OptionGroup(title: "Model and labels") var model: ModelOptions

    @OptionGroup(title: "Exact and fast mode") var mode: ModeOptions

    @OptionGroup(title: "Exact and fast mode") var audit: AuditOptions

    @OptionGroup(title: "Events") var events: EventOptions

    @OptionGroup(title: "Sources") var capture: CaptureOptions

    @OptionGroup(title: "Sources") var duration: DurationOptions

    @OptionGroup(title: "Output") var records: RecordOptions

    @OptionGroup(title: "Output") var logging: LogOptions

    func validate() throws {
        if self.sources.isEmpty, self.configurations.isEmpty {
            throw ValidationError("No source: name at least one, or use --config.")
        }
    }

    /// The settings that the command line gives.
    func settings() throws -> Settings {
        var settings = Settings(
            self.model, self.mode, self.audit, self.events, self.capture, self.duration, self.records)
        let sources = try SourceAddress.parse(self.sources)
        if !sources.isEmpty { settings.sources = sources }
        return settings
    }

    func run() async throws {
        let loader = try SettingsLoader(paths: self.configurations, commandLine: self.settings())
        let fingerprints = loader.fingerprints()
        let settings = try loader.load()
        let labelFingerprints = loader.fingerprints(with: settings).dropFirst(fingerprints.count)
        let hasScreen = settings.format == .screen
        if hasScreen { try Screen.check(isVerbose: self.logging.verbose) }
        self.logging.apply()
        let model = try await ModelLoader.load(settings)
        let configuration = try WatchConfiguration(settings, model: model)
        configuration.reportRate()
        configuration.reportUnknownThresholds()
        let screen = hasScreen ? try Screen(sources: configuration.settings.sources.map(\.id)) : nil
        let writer = try RecordWriter(
            format: screen.map { .screen($0) } ?? configuration.outputFormat, logPath: configuration.settings.log,
            rotation: configuration.settings.logRotation,
            protecting: Self.protectedFiles(settings, configurations: self.configurations))
        let sources = configuration.settings.sources.map(configuration.source)
        let controller = RunController()
        let reloader = try SettingsReloader(
            loader: loader, fingerprints: fingerprints + labelFingerprints, configuration: configuration,
            controller: controller)
        let watching = Task { await reloader.watchFiles() }
        defer { watching.cancel() }

        let onHangup: @Sendable () -> Void = {
            Task {
                await writer.reopenLog()
                await reloader.reload()
            }
        }
        let (outcomes, status) = try await Signals.withSignalHandling(
            onHangup: onHangup, onEnding: { screen?.close() }
        ) {
            let recognizer = try await Recognizer(model: model, configuration: configuration.recognizer)
            // Stopped rather than cancelled: the duration is a natural end, which interrupts no event.
            return try await withTimeout(configuration.timeLimit, onTimeout: { await controller.stopSources() }) {
                try await Screen.runUntilQuit(screen) {
                    try await recognizer.run(sources, controller: controller, into: writer)
                }
            }
        }
        try await writer.finish()
        try Self.report(outcomes, status)
    }

    /// The files that must not be used as the event log.
    private static func protectedFiles(_ settings: Settings, configurations: [String]) -> [EventLog.ProtectedFile] {
        let sources = (settings.sources ?? []).filter { $0.kind == .file }.map(\.displayName)
        return sources.map { EventLog.ProtectedFile(path: $0, role: "a source") }
            + [settings.labelsFile].compactMap(\.self).map { EventLog.ProtectedFile(path: $0, role: "a label file") }
            + configurations.map { EventLog.ProtectedFile(path: $0, role: "a configuration file") }
            + StandardDescriptors.files.map { EventLog.ProtectedFile(path: $0.path, role: $0.name) }
    }

    /// Reports the errors of sources.
    ///
    /// - Throws: ``CommandError`` with the documented status if the run was ended by a signal or a source failed.
    static func report(_ outcomes: [SourceOutcome], _ status: ExitStatus?) throws {
        let errors = outcomes.compactMap(\.error)
        for error in errors { StandardError.write("gerund: \(error.summary)") }
        if let status { throw CommandError(status: status) }
        guard !errors.isEmpty else { return }
        throw CommandError(status: outcomes.contains(where: \.wasOpened) ? .failure : .noSource)
    }
}
