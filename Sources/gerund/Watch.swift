import ArgumentParser
import GerundCheckpoint
import GerundCore
import GerundEngine
import GerundEvents
import GerundMedia
import GerundStream
import GerundTerminal

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
              gerund watch rtsp://cam/1 --mode fast --audit 5% --format jsonl | jq 'select(.type == "audit")'
            """)

    @Argument(help: "What to watch.")
    var sources: [String]

    @OptionGroup var options: ModelOptions

    @Option(
        help: """
            exact: the published model's numbers. fast: each frame is encoded once, older ones are refreshed in part. \
            auto: exact while the machine keeps up, else fast.
            """)
    var mode: ModeOption = .auto

    @Option(
        help: ArgumentHelp(
            "What fast mode computes anew of every older frame: so many rows, 1 being the class token, or all.",
            valueName: "rows"))
    var refresh: RefreshOption = .rows(1)

    @Option(
        help: ArgumentHelp(
            """
            The share of fast windows that are computed exactly as well, at random times, to tell how far they stray: \
            1% or 0.01; 0 for none.
            """, valueName: "share"))
    var audit: ShareOption = ShareOption(share: 0.01)

    @OptionGroup var events: EventOptions

    @Option(
        help: "How files are read: as fast as they are computed, or as they were filmed (the default on a terminal).")
    var pace: Pace?

    @Option(help: ArgumentHelp("Stop after so much of every source.", valueName: "seconds"))
    var duration: Double?

    @Option(help: "What to print: text on a terminal and JSON Lines otherwise by default.")
    var format: OutputFormat = .auto

    @Flag(help: "In JSON Lines, print a label only when it changes.")
    var changes = false

    @Option(help: ArgumentHelp("Append events as JSON Lines to this file too.", valueName: "file"))
    var log: String?

    @Option(help: ArgumentHelp("A source that sends nothing for so long is opened again.", valueName: "seconds"))
    var stallTimeout: Double = 10

    @Flag(help: "Keep trying sources that have never opened.")
    var keepTrying = false

    @OptionGroup var logging: LogOptions

    enum Pace: String, CaseIterable, ExpressibleByArgument { case realtime, fast }

    func validate() throws {
        if let duration, !(duration > 0 && duration <= 1e9) {
            throw ValidationError("--duration has to be above 0 seconds, not \(duration).")
        }
        guard 0.1...3600 ~= self.stallTimeout else {
            throw ValidationError("--stall-timeout has to be from 0.1 to 3600 seconds, not \(self.stallTimeout).")
        }
    }

    func run() async throws {
        let addresses = try SourceAddress.parse(self.sources)
        self.logging.apply()
        let model = try self.options.loadModel()
        let configuration = RecognizerConfiguration(
            labels: try self.options.labelSet(for: model), plan: try self.options.windowPlan(for: model),
            smoothing: self.events.smoothing(for: model),
            thresholds: try self.events.thresholds(for: model), mode: self.mode.mode, refresh: self.refresh.count,
            audit: self.audit.share, duration: self.duration.map { .seconds($0) },
            eventIDs: Self.eventIDs(for: addresses, model))
        self.reportRate(configuration.plan, model)
        let writer = try RecordWriter(format: self.outputFormat(for: addresses), logPath: self.log)
        let sources = addresses.map { self.source($0, model.picture, configuration.plan) }
        // Media time ends a source that plays, however long it takes to open; the clock ends one that gives no frames.
        let patience = Duration.seconds(max(1, self.stallTimeout))
        let limit = addresses.contains(where: \.isLive) ? configuration.duration.map { $0 + patience } : nil

        let outcomes: [SourceOutcome]
        let status: ExitStatus?
        do {
            (outcomes, status) = try await Signals.cancelling(onHangup: { Task { await writer.reopenLog() } }) {
                let recognizer = try await Recognizer(model: model, configuration: configuration)
                // Stopped rather than cancelled: the duration is a natural end, which interrupts no event.
                return try await Deadline.ending(after: limit) {
                    for source in sources { await source.stop() }
                } _: {
                    try await recognizer.run(sources, into: writer)
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

    /// Says what went wrong with the sources, and fails as documented.
    static func leave(_ outcomes: [SourceOutcome], _ status: ExitStatus?) throws {
        let errors = outcomes.compactMap(\.error)
        for error in errors { StandardError.write("gerund: \(error)") }
        if let status { throw CommandFailure(status: status) }
        guard !errors.isEmpty else { return }
        throw CommandFailure(status: outcomes.contains(where: \.wasOpened) ? .failure : .noSource)
    }

    /// Files give the same ids on every run over them with the same model.
    private static func eventIDs(
        for addresses: [SourceAddress], _ model: RecognitionModel
    ) -> @Sendable (any FrameSource) -> EventIDs {
        let files = Set(addresses.filter { $0.kind == .file }.map(\.id))
        let checksum = model.checksum
        return { files.contains($0.id) ? .derived(from: "\($0.id) \(checksum)") : .random }
    }

    /// A rate that the windows' frames don't allow is not passed over in silence.
    private func reportRate(_ plan: WindowPlan, _ model: RecognitionModel) {
        guard let wanted = self.options.rate ?? model.defaults.rate, abs(plan.rate - wanted) > 0.01 * wanted else {
            return
        }
        StandardError.write(
            "gerund: \(plan.rate.fixed(2)) windows per second, the nearest to \(wanted.fixed(2)) with "
                + "\(plan.frameCount) frames in \((plan.span / .seconds(1)).fixed(2)) s")
    }

    private func source(_ address: SourceAddress, _ picture: PictureFormat, _ plan: WindowPlan) -> any FrameSource {
        let pace = self.pace ?? (StandardOutput.isTerminal ? .realtime : .fast)
        return MediaSource(
            address: address,
            configuration: CaptureConfiguration(
                picture: picture, period: plan.period, pace: pace == .fast ? .fast : .realtime,
                stallTimeout: .seconds(self.stallTimeout), keepTrying: self.keepTrying))
    }

    private func outputFormat(for addresses: [SourceAddress]) -> RecordWriter.Format {
        self.format.isText
            ? .text(TextRenderer(style: Terminal.style(namesSource: addresses.count > 1)))
            : .jsonLines(changesOnly: self.changes)
    }
}
