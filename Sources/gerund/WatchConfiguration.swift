import GerundCore
import GerundEngine
import GerundEvents
import GerundMedia
import GerundSettings
import GerundStream
import GerundTerminal

/// The settings of a run of `gerund watch`, with its model.
struct WatchConfiguration {
    let settings: ResolvedSettings
    let model: RecognitionModel
    let recognizer: RecognizerConfiguration

    /// Resolves settings and reads the labels.
    ///
    /// Blocks the calling thread until the label file, if there is one, has been read.
    ///
    /// - Parameters:
    ///   - settings: The settings of the command line and the configuration files.
    ///   - model: The model.
    /// - Throws: ``SettingsError``.
    init(_ settings: Settings, model: RecognitionModel) throws(SettingsError) {
        self.settings = try ResolvedSettings(settings, for: model)
        self.model = model
        self.recognizer = self.settings.configuration(
            labels: try self.settings.labelSet(for: model), eventIDs: Self.eventIDs(model))
    }

    /// Files give the same ids on every run over them with the same model.
    private static func eventIDs(_ model: RecognitionModel) -> @Sendable (any FrameSource) -> EventIDGenerator {
        let checksum = model.checksum
        return { source in
            let isFile = (source as? MediaSource)?.address.kind == .file
            return isFile ? .deterministic(seed: "\(source.id) \(checksum)") : .random
        }
    }

    func source(_ address: SourceAddress) -> any FrameSource {
        let pace: CaptureConfiguration.Pace = StandardOutput.isTerminal ? .realtime : .unpaced
        return MediaSource(
            address: address,
            configuration: CaptureConfiguration(
                frameFormat: self.model.inputFormat, samplingInterval: self.settings.plan.samplingInterval,
                pace: self.settings.pace ?? pace, stallTimeout: self.settings.stallTimeout,
                retriesInitialFailure: self.settings.keepTrying))
    }

    /// The wall-clock time after which all sources are stopped; `nil` for no limit.
    ///
    /// A source that plays ends by media time, however long it takes to open; the clock ends one without frames.
    var timeLimit: Duration? {
        let isLive = self.settings.sources.contains(where: \.isLive)
        return isLive ? self.settings.duration.map { $0 + max(.seconds(1), self.settings.stallTimeout) } : nil
    }

    var outputFormat: RecordWriter.Format {
        // A file may name more sources later.
        let isFromFile = self.settings.given.locations[SettingsTable.shared.sources.key] != nil
        let namesSource = self.settings.sources.count > 1 || isFromFile
        return self.settings.format.isText
            ? .text(TextRenderer(capabilities: Terminal.capabilities, namesSource: namesSource))
            : .jsonLines(changesOnly: self.settings.onlyChanges)
    }

    /// Reports a rate that the plan rounds.
    func reportRate() {
        guard let rate = self.settings.roundedRate else { return }
        let plan = self.settings.plan
        StandardError.write(
            "gerund: rate \(rate.fixed(2)) rounded to \(plan.windowRate.fixed(2)) windows/s "
                + "(\(plan.frameCount) frames per \((plan.windowDuration / .seconds(1)).fixed(2)) s window)")
    }

    private var unknownThresholds: [String] {
        (self.settings.given.thresholds ?? [:]).keys.filter { !self.recognizer.labels.labels.contains($0) }.sorted()
    }

    /// Reports thresholds of labels that aren't recognized, which may be mistyped.
    ///
    /// - Parameter before: The configuration for which they were reported already.
    func reportUnknownThresholds(since before: WatchConfiguration? = nil) {
        let unknown = self.unknownThresholds
        guard !unknown.isEmpty, unknown != before?.unknownThresholds else { return }
        let labels = self.recognizer.labels.labels
        let names = unknown.map { name in
            "'\(name)'" + (name.closestMatch(in: labels).map { " (did you mean '\($0)'?)" } ?? "")
        }
        let location = self.settings.given.locations[SettingsTable.shared.thresholds.key].map { "\($0): " } ?? ""
        let noun = unknown.count == 1 ? "label" : "labels"
        StandardError.write("gerund: \(location)thresholds set for unknown \(noun) \(names.joined(separator: ", "))")
    }
}
