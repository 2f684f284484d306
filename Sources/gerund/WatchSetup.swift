import GerundCheckpoint
import GerundConfiguration
import GerundCore
import GerundEngine
import GerundEvents
import GerundMedia
import GerundStream
import GerundTerminal

/// What the settings of a watch come to with its model.
struct WatchSetup {
    let settings: WatchSettings
    let model: RecognitionModel
    let configuration: RecognizerConfiguration

    /// The options as if the command line had said all of it.
    private let options: ModelOptions
    private let events: EventOptions

    /// Loads the model.
    ///
    /// - Throws: ``CommandFailure``, with the line of the file that says what can't be.
    init(_ settings: WatchSettings, _ watch: Watch) throws {
        let options = watch.options.taking(settings)
        let model = try settings.placing([.model]) { try options.loadModel() }
        try self.init(settings, model, options, watch.events)
    }

    private init(
        _ settings: WatchSettings, _ model: RecognitionModel, _ options: ModelOptions, _ events: EventOptions
    ) throws {
        self.settings = settings
        self.model = model
        self.options = options.taking(settings)
        self.events = events.taking(settings)
        let (filledOptions, filledEvents) = (self.options, self.events)
        let plan = try settings.placing([.rate, .span]) { try filledOptions.windowPlan(for: model) }
        let labels = try settings.placing([.labels, .labelsFile, .background]) {
            try filledOptions.labelSet(for: model)
        }
        var thresholds = try settings.placing([.exit, .enter]) { try filledEvents.thresholds(for: model) }
        let usual = EventLevels(enter: thresholds.enter, exit: thresholds.exit)
        thresholds.levels = settings.thresholds.mapValues { $0.levels(usual: usual) }
        self.configuration = RecognizerConfiguration(
            labels: labels, plan: plan, smoothing: self.events.smoothing(for: model), thresholds: thresholds,
            mode: settings.mode ?? .auto, refresh: settings.refresh ?? 1, audit: settings.audit ?? 0.01,
            duration: settings.duration.map { .seconds($0) }, eventIDs: Self.eventIDs(model))
    }

    /// The same with other settings, as far as the model stays.
    ///
    /// - Throws: ``CommandFailure``.
    func changed(to settings: WatchSettings) throws -> WatchSetup {
        try WatchSetup(settings, self.model, self.options, self.events)
    }

    private var unknownThresholds: [String] {
        self.settings.thresholds.keys.filter { !self.configuration.labels.labels.contains($0) }.sorted()
    }

    func source(_ address: SourceAddress) -> any FrameSource {
        let usual: CaptureConfiguration.Pace = StandardOutput.isTerminal ? .realtime : .fast
        return MediaSource(
            address: address,
            configuration: CaptureConfiguration(
                picture: self.model.picture, period: self.configuration.plan.period,
                pace: self.settings.pace ?? usual, stallTimeout: .seconds(self.stallTimeout),
                keepTrying: self.settings.keepTrying ?? false))
    }

    private var stallTimeout: Double { self.settings.stallTimeout ?? 10 }

    /// Media time ends a source that plays, however long it takes to open; the clock ends one that gives no frames.
    var timeLimit: Duration? {
        let patience = Duration.seconds(max(1, self.stallTimeout))
        let isLive = self.settings.sources.contains(where: \.isLive)
        return isLive ? self.configuration.duration.map { $0 + patience } : nil
    }

    var outputFormat: RecordWriter.Format {
        let format = self.settings.format.flatMap(OutputFormat.init) ?? .auto
        // A file may name more sources later.
        let namesSource = self.settings.sources.count > 1 || self.settings.places[.sources] != nil
        return format.isText
            ? .text(TextRenderer(style: Terminal.style(namesSource: namesSource)))
            : .jsonLines(changesOnly: self.settings.changes ?? false)
    }

    /// Files give the same ids on every run over them with the same model.
    private static func eventIDs(_ model: RecognitionModel) -> @Sendable (any FrameSource) -> EventIDs {
        let checksum = model.checksum
        return { source in
            let isFile = (source as? MediaSource)?.address.kind == .file
            return isFile ? .derived(from: "\(source.id) \(checksum)") : .random
        }
    }

    /// A rate that the windows' frames don't allow is not passed over in silence.
    func reportRate() {
        let plan = self.configuration.plan
        guard let wanted = self.options.rate ?? self.model.defaults.rate, abs(plan.rate - wanted) > 0.01 * wanted
        else { return }
        StandardError.write(
            "gerund: \(plan.rate.fixed(2)) windows per second, the nearest to \(wanted.fixed(2)) with "
                + "\(plan.frameCount) frames in \((plan.span / .seconds(1)).fixed(2)) s")
    }

    /// Nor are levels for a label that is not looked for: it may be mistyped.
    ///
    /// - Parameter before: What was told of already.
    func reportUnknownThresholds(since before: WatchSetup? = nil) {
        let labels = self.configuration.labels.labels
        let unknown = self.unknownThresholds
        guard !unknown.isEmpty, unknown != before?.unknownThresholds else { return }
        let names = unknown.map { name in
            "'\(name)'" + (name.nearest(in: labels).map { " (did you mean '\($0)'?)" } ?? "")
        }
        let place = self.settings.places[.thresholds].map { "\($0): " } ?? ""
        StandardError.write("gerund: \(place)thresholds for what is not looked for: \(names.joined(separator: ", "))")
    }
}

extension WatchSettings {
    /// Names the line of a file in the failure of what it says.
    ///
    /// - Parameter keys: What may be the cause, the likeliest first.
    fileprivate func placing<R>(_ keys: [Key], _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let failure as CommandFailure {
            guard let place = keys.lazy.compactMap({ self.places[$0] }).first, let message = failure.message else {
                throw failure
            }
            throw CommandFailure(status: failure.status, message: "\(place): \(message)")
        }
    }
}
