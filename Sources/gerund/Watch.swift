import ArgumentParser
import GerundConfiguration
import GerundEngine
import GerundEvents
import GerundMedia
import GerundStream

struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Recognize continuously.",
        discussion: """
            SOURCE is a path, rtsp:// or http:// URL, /dev/videoN, test:GRAPH (a libavfilter graph), or - for \
            standard input. Options of a source follow a #: rtsp://cam/1#transport=udp&name=door, \
            /dev/video0#size=1280x720&rate=30&format=mjpeg.

            EXAMPLES
              gerund watch clip.mp4
              gerund watch clip.mp4 --format jsonl --changes | jq -r .label
              gerund watch rtsp://cam/1#name=door rtsp://cam/2#name=yard --log events.jsonl
              gerund watch /dev/video0 --label "drinking coffee" --background "a person at a desk"
              gerund watch --config gerund.yaml
              gerund watch rtsp://cam/1 --mode fast --audit 5% --format jsonl | jq 'select(.type == "audit")'
            """)

    @Argument(help: "What to watch; by default what --config lists.")
    var sources: [String] = []

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            """
            Read sources, labels and any other option from this YAML file, and again when it changes or on SIGHUP; \
            options given here count more. May be repeated: the last file counts most.
            """, valueName: "file"))
    var configurations: [String] = []

    @OptionGroup var options: ModelOptions

    @Option(
        help: """
            exact: the published model's numbers. fast: each frame is encoded once, older ones are refreshed in part. \
            auto, the default: exact while the machine keeps up, else fast.
            """)
    var mode: ModeOption?

    @Option(
        help: ArgumentHelp(
            """
            What fast mode computes anew of every older frame: so many rows, 1, the default, being the class token, or \
            all.
            """, valueName: "rows"))
    var refresh: RefreshOption?

    @Option(
        help: ArgumentHelp(
            """
            The share of fast windows that are computed exactly as well, at random times, to tell how far they stray: \
            1%, the default, or 0.01; 0 for none.
            """, valueName: "share"))
    var audit: ShareOption?

    @OptionGroup var events: EventOptions

    @Option(
        help: "How files are read: as fast as they are computed, or as they were filmed (the default on a terminal).")
    var pace: Pace?

    @Option(help: ArgumentHelp("Stop after so much of every source.", valueName: "seconds"))
    var duration: Double?

    @Option(
        help: "What to print: text on a terminal and JSON Lines otherwise by default; screen is a full-screen view.")
    var format: OutputFormat?

    @Flag(help: "In JSON Lines, print a label only when it changes.")
    var changes = false

    @Option(help: ArgumentHelp("Append events as JSON Lines to this file too.", valueName: "file"))
    var log: String?

    @Option(
        help: ArgumentHelp(
            """
            Rotate the log before it grows larger: 512k, 10M or 1G. FILE.1 is the newest old one. Not to be used \
            together with logrotate.
            """, valueName: "size"), transform: Self.logSize)
    var logSize: Int?

    @Option(help: ArgumentHelp("How many old logs to keep. Default: 5.", valueName: "n"))
    var logKeep: Int?

    @Option(
        help: ArgumentHelp(
            "A source that sends nothing for so long is opened again. Default: 10.", valueName: "seconds"))
    var stallTimeout: Double?

    @Flag(help: "Keep trying sources that have never opened.")
    var keepTrying = false

    @OptionGroup var logging: LogOptions

    enum Pace: String, CaseIterable, ExpressibleByArgument { case realtime, fast }

    func validate() throws {
        if let duration, !(duration > 0 && duration <= 1e9) {
            throw ValidationError("--duration has to be above 0 seconds, not \(duration).")
        }
        if let stallTimeout, !(0.1...3600 ~= stallTimeout) {
            throw ValidationError("--stall-timeout has to be from 0.1 to 3600 seconds, not \(stallTimeout).")
        }
        if let logKeep, !LogRotation.keeps.contains(logKeep) {
            throw ValidationError("--log-keep has to be from 1 to 1000, not \(logKeep).")
        }
        if self.sources.isEmpty, self.configurations.isEmpty {
            throw ValidationError("No source is named: give at least one, or --config.")
        }
    }

    func run() async throws {
        let file = SettingsFile(paths: self.configurations, commandLine: try self.settings)
        let stamps = file.stamps()
        let settings = try file.readOrFail()
        let labelStamps = file.stamps(with: settings).dropFirst(stamps.count)
        if settings.logSize != nil, settings.log == nil {
            throw CommandFailure(status: .usage, message: "a log size is given but no log: add --log FILE")
        }
        if settings.logKeep != nil, settings.logSize == nil {
            throw CommandFailure(
                status: .usage, message: "old logs are to be kept but none is rotated: add --log-size, such as 10M")
        }
        let hasScreen = settings.format == OutputFormat.screen.rawValue
        if hasScreen { try Screen.check(isVerbose: self.logging.verbose) }
        self.logging.apply()
        let setup = try WatchSetup(settings, self)
        setup.reportRate()
        setup.reportUnknownThresholds()
        let screen = hasScreen ? try Screen(sources: settings.sources.map(\.id)) : nil
        let writer = try RecordWriter(
            format: screen.map { .screen($0) } ?? setup.outputFormat, logPath: settings.log,
            rotation: settings.logRotation)
        let firstSources = settings.sources.map(setup.source)
        let sources = CurrentSources(firstSources)
        let (changes, continuation) = AsyncStream.makeStream(of: RecognizerChange.self)
        let reloader = try SettingsReloader(
            file: file, read: stamps + labelStamps, setup: setup, sources: sources, changes: continuation)
        let watching = Task { await reloader.watchFiles() }
        defer { watching.cancel() }

        let outcomes: [SourceOutcome]
        let status: ExitStatus?
        do {
            let onHangup: @Sendable () -> Void = {
                Task {
                    await writer.reopenLog()
                    await reloader.reload()
                }
            }
            (outcomes, status) = try await Signals.cancelling(onHangup: onHangup, onEnding: { screen?.close() }) {
                let recognizer = try await Recognizer(model: setup.model, configuration: setup.configuration)
                // Stopped rather than cancelled: the duration is a natural end, which interrupts no event.
                return try await Deadline.ending(after: setup.timeLimit) {
                    for source in sources.all { await source.stop() }
                } _: {
                    try await Screen.untilLeft(screen) {
                        try await recognizer.run(firstSources, changes: changes, into: writer)
                    }
                }
            }
            try await writer.finish()
        } catch is StandardOutput.Closed {
            // Whoever read has seen enough: no failure of ours.
            return
        } catch let error as ModelError {
            throw CommandFailure(status: .noModel, message: "\(error)")
        }
        try Self.leave(outcomes, status)
    }

    /// The size of a log file in bytes, as the user names it.
    private static func logSize(_ text: String) throws -> Int {
        guard let bytes = LogRotation.size(text) else {
            throw ValidationError("--log-size has to be a size from 4k up, such as 10M, not '\(text)'.")
        }
        return bytes
    }

    /// What the command line says.
    private var settings: WatchSettings {
        get throws {
            var settings = WatchSettings()
            settings.sources = try SourceAddress.parse(self.sources)
            try self.options.put(into: &settings)
            self.events.put(into: &settings)
            settings.mode = self.mode?.mode
            settings.refresh = self.refresh?.count
            settings.audit = self.audit?.share
            settings.pace = self.pace.map { $0 == .fast ? .fast : .realtime }
            settings.duration = self.duration
            settings.format = self.format?.rawValue
            settings.changes = self.changes ? true : nil
            settings.log = self.log
            settings.logSize = self.logSize
            settings.logKeep = self.logKeep
            settings.stallTimeout = self.stallTimeout
            settings.keepTrying = self.keepTrying ? true : nil
            return settings
        }
    }

    /// Says what went wrong with the sources, and fails as documented.
    static func leave(_ outcomes: [SourceOutcome], _ status: ExitStatus?) throws {
        let errors = outcomes.compactMap(\.error)
        for error in errors { StandardError.write("gerund: \(error)") }
        if let status { throw CommandFailure(status: status) }
        guard !errors.isEmpty else { return }
        throw CommandFailure(status: outcomes.contains(where: \.wasOpened) ? .failure : .noSource)
    }
}
