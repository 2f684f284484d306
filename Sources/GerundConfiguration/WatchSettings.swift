public import GerundEngine
public import GerundEvents
public import GerundMedia

/// What a watch is told, by a file or on the command line. What is `nil` or empty was left open.
public struct WatchSettings: Sendable, Hashable {
    public var sources: [SourceAddress] = []
    /// The model's folder.
    public var model: String?
    /// The number format of the matrix products, by the name that the command line gives it.
    public var precision: String?
    public var threads: Int?
    public var labels: [String] = []
    /// A file with one label per line.
    public var labelsFile: String?
    public var background: [String] = []
    /// The labels with levels of their own.
    public var thresholds: [String: LabelThresholds] = [:]
    /// 0...1: the smoothed score above which an event starts.
    public var enter: Double?
    /// 0...1: the smoothed score below which an event ends.
    public var exit: Double?
    /// In seconds, as all times here.
    public var minimumDuration: Double?
    /// The half-life of the scores' mean.
    public var smoothing: Double?
    public var mergeGap: Double?
    /// How long after an event no other of the same label starts.
    public var cooldown: Double?
    /// Whether each label has its own events, several at a time.
    public var overlap: Bool?
    /// How often an event that goes on is told of.
    public var updates: Double?
    /// The time that a window covers.
    public var span: Double?
    /// Windows per second.
    public var rate: Double?
    public var mode: RecognitionMode?
    /// Rows of each older frame that fast mode computes anew; `Int.max` for all.
    public var refresh: Int?
    /// 0...1: the share of fast windows that are computed exactly as well.
    public var audit: Double?
    public var pace: CaptureConfiguration.Pace?
    public var duration: Double?
    /// What is printed, by the name that the command line gives it.
    public var format: String?
    /// Whether a label is printed only when it changes.
    public var changes: Bool?
    /// The event log's path.
    public var log: String?
    /// In bytes: a larger log is rotated.
    public var logSize: Int?
    /// How many old logs are kept.
    public var logKeep: Int?
    public var stallTimeout: Double?
    public var keepTrying: Bool?

    /// Where a file says what it says, for messages about what only shows later.
    public var places: [Key: Place] = [:]

    public init() {}

    /// How the log is rotated, if it is.
    public var logRotation: LogRotation? {
        self.logSize.map { LogRotation(maximumSize: $0, keep: self.logKeep ?? LogRotation.usualKeep) }
    }

    /// A line of a file.
    public struct Place: Sendable, Hashable, CustomStringConvertible {
        public var path: String
        /// Counts from 1.
        public var line: Int

        public init(path: String, line: Int) {
            self.path = path
            self.line = line
        }

        public var description: String { "\(self.path):\(self.line)" }
    }

    /// The levels of one label; what is `nil` is that of all labels.
    public struct LabelThresholds: Sendable, Hashable {
        public var enter: Double?
        public var exit: Double?

        public init(enter: Double? = nil, exit: Double? = nil) {
            self.enter = enter
            self.exit = exit
        }

        /// A level that is given moves the other as far as it has to.
        public func levels(usual: EventLevels) -> EventLevels {
            let enter = self.enter ?? max(usual.enter, self.exit ?? 0)
            return EventLevels(enter: enter, exit: min(self.exit ?? usual.exit, enter))
        }
    }

    /// The keys of a configuration file, in the order in which they are told.
    public enum Key: String, Sendable, CaseIterable {
        case sources, model, precision, threads, labels
        case labelsFile = "labels_file"
        case background, thresholds, enter, exit
        case minimumDuration = "min_duration"
        case smoothing
        case mergeGap = "merge_gap"
        case cooldown, overlap, updates
        case span, rate, mode, refresh, audit, pace, duration, format, changes, log
        case logSize = "log_size"
        case logKeep = "log_keep"
        case stallTimeout = "stall_timeout"
        case keepTrying = "keep_trying"
    }
}

extension WatchSettings {
    /// These settings, and where they leave something open, those of a file: the command line beats it.
    ///
    /// Labels are one thing, wherever they are listed: who names some means these only.
    public func filled(from file: WatchSettings) -> WatchSettings {
        var filled = self
        var taken: [Key] = []
        func fill<Value>(_ key: Key, _ path: WritableKeyPath<WatchSettings, Value?>) {
            guard filled[keyPath: path] == nil else { return }
            filled[keyPath: path] = file[keyPath: path]
            taken.append(key)
        }
        if filled.sources.isEmpty {
            filled.sources = file.sources
            taken.append(.sources)
        }
        if filled.labels.isEmpty, filled.labelsFile == nil {
            (filled.labels, filled.labelsFile) = (file.labels, file.labelsFile)
            taken += [.labels, .labelsFile]
        }
        if filled.background.isEmpty {
            filled.background = file.background
            taken.append(.background)
        }
        if filled.thresholds.isEmpty { taken.append(.thresholds) }
        filled.thresholds.merge(file.thresholds) { own, _ in own }
        fill(.model, \.model)
        fill(.precision, \.precision)
        fill(.threads, \.threads)
        fill(.enter, \.enter)
        fill(.exit, \.exit)
        fill(.minimumDuration, \.minimumDuration)
        fill(.smoothing, \.smoothing)
        fill(.mergeGap, \.mergeGap)
        fill(.cooldown, \.cooldown)
        fill(.overlap, \.overlap)
        fill(.updates, \.updates)
        fill(.span, \.span)
        fill(.rate, \.rate)
        fill(.mode, \.mode)
        fill(.refresh, \.refresh)
        fill(.audit, \.audit)
        fill(.pace, \.pace)
        fill(.duration, \.duration)
        fill(.format, \.format)
        fill(.changes, \.changes)
        fill(.log, \.log)
        fill(.logSize, \.logSize)
        fill(.logKeep, \.logKeep)
        fill(.stallTimeout, \.stallTimeout)
        fill(.keepTrying, \.keepTrying)
        for key in taken { filled.places[key] = file.places[key] }
        return filled
    }
}
