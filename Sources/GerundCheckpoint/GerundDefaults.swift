import GerundCore

/// The optional `gerund.json` of a model folder: what recognition needs to know and a checkpoint's own files don't say.
///
/// What is `nil` or empty was not given: the caller's default holds.
public struct GerundDefaults: Hashable, Sendable {
    /// The model's name in records; by default the folder's.
    public var name: String?
    /// The labels to recognise when the user names none.
    public var labels: [String] = []
    /// Phrases that say what nothing looks like.
    public var background: [String] = []
    /// The time that one window covers.
    public var span: Duration?
    /// Windows per second.
    public var rate: Double?
    /// The smoothed score, 0...1, above which an event starts.
    public var enter: Double?
    /// The smoothed score, 0...1, below which an event ends; not above ``enter``.
    public var exit: Double?
    /// The half-life of the smoothing.
    public var smoothing: Duration?
    /// How long a label has to stay above ``enter`` before its event is reported.
    public var minimumDuration: Duration?
    /// The longest pause inside one event.
    public var mergeGap: Duration?

    public init() {}

    /// The keys of `gerund.json`.
    enum Key: String, CaseIterable {
        case name, labels, background, span, rate, enter, exit, smoothing
        case minimumDuration = "min_duration"
        case mergeGap = "merge_gap"
    }
}

extension GerundDefaults {
    /// No stretch of time in a configuration is longer: a year's worth of seconds is a mistake in the unit.
    private static let longestDuration = 3600.0

    /// - Parameters:
    ///   - json: The file's top level.
    ///   - path: For messages.
    /// - Throws: ``CheckpointError`` `invalidValue` for a key that is unknown, a value of the wrong type or out of
    ///   range: a setting that is silently ignored is worse than a refused file.
    init(json: JSONObject, path: String) throws(CheckpointError) {
        let reader = GerundDefaultsReader(json: json, path: path)
        for name in json.names where Key(rawValue: name) == nil { throw reader.unknownKey(name) }

        self.name = try reader.text(.name)
        self.labels = try reader.texts(.labels)
        self.background = try reader.texts(.background)
        self.span = try reader.seconds(.span, above: 0, through: Self.longestDuration)
        self.rate = try reader.number(.rate, above: 0, through: 1000)
        self.enter = try reader.number(.enter, from: 0, through: 1)
        self.exit = try reader.number(.exit, from: 0, through: 1)
        self.smoothing = try reader.seconds(.smoothing, from: 0, through: Self.longestDuration)
        self.minimumDuration = try reader.seconds(.minimumDuration, from: 0, through: Self.longestDuration)
        self.mergeGap = try reader.seconds(.mergeGap, from: 0, through: Self.longestDuration)
        if let enter = self.enter, let exit = self.exit, exit > enter {
            throw reader.error("'exit' (\(exit)) must not be above 'enter' (\(enter))")
        }
    }
}

/// Typed access to the members of `gerund.json`, with the messages that a user reads.
private struct GerundDefaultsReader {
    let json: JSONObject
    let path: String

    func error(_ message: String) -> CheckpointError {
        CheckpointError(code: .invalidValue, path: self.path, message: message)
    }

    func unknownKey(_ name: String) -> CheckpointError {
        let known = GerundDefaults.Key.allCases.map(\.rawValue)
        let hint = name.nearest(in: known).map { "did you mean '\($0)'?" }
        return self.error(
            "unknown key '\(name.singleLine)': \(hint ?? "known are \(known.joined(separator: ", "))")")
    }

    func text(_ key: GerundDefaults.Key) throws(CheckpointError) -> String? {
        guard let value = self.json[key.rawValue] else { return nil }
        return try self.text(value, of: key)
    }

    func texts(_ key: GerundDefaults.Key) throws(CheckpointError) -> [String] {
        guard let value = self.json[key.rawValue] else { return [] }
        guard let values = value.array else {
            throw self.error("'\(key.rawValue)' has to be a list of texts, found \(value.kind)")
        }
        var texts: [String] = []
        var seen: Set<String> = []
        for value in values {
            let text = try self.text(value, of: key)
            guard seen.insert(text).inserted else { throw self.error("'\(key.rawValue)' has '\(text)' twice") }
            texts.append(text)
        }
        return texts
    }

    private func text(_ value: JSONValue, of key: GerundDefaults.Key) throws(CheckpointError) -> String {
        guard let text = value.string else {
            throw self.error("'\(key.rawValue)' has to hold text, found \(value.kind)")
        }
        guard !text.allSatisfy(\.isWhitespace) else { throw self.error("'\(key.rawValue)' holds an empty text") }
        guard text.singleLine == text else {
            throw self.error("'\(key.rawValue)': '\(text.singleLine)' contains a line break or control character")
        }
        return text
    }

    func number(
        _ key: GerundDefaults.Key, above floor: Double, through ceiling: Double
    ) throws(CheckpointError) -> Double? {
        try self.number(key, "above \(floor.plain) and at most \(ceiling.plain)") { floor < $0 && $0 <= ceiling }
    }

    func number(
        _ key: GerundDefaults.Key, from floor: Double, through ceiling: Double
    ) throws(CheckpointError) -> Double? {
        try self.number(key, "from \(floor.plain) to \(ceiling.plain)") { floor <= $0 && $0 <= ceiling }
    }

    func seconds(
        _ key: GerundDefaults.Key, above floor: Double, through ceiling: Double
    ) throws(CheckpointError) -> Duration? {
        try self.number(key, above: floor, through: ceiling).map { .seconds($0) }
    }

    func seconds(
        _ key: GerundDefaults.Key, from floor: Double, through ceiling: Double
    ) throws(CheckpointError) -> Duration? {
        try self.number(key, from: floor, through: ceiling).map { .seconds($0) }
    }

    private func number(
        _ key: GerundDefaults.Key, _ range: String, isValid: (Double) -> Bool
    ) throws(CheckpointError) -> Double? {
        guard let value = self.json[key.rawValue] else { return nil }
        guard let number = value.double, isValid(number) else {
            throw self.error("'\(key.rawValue)' has to be a number \(range), found \(value.kind)")
        }
        return number
    }
}

extension Double {
    /// Without the `.0` of whole numbers.
    fileprivate var plain: String { self == self.rounded() ? "\(Int(self))" : "\(self)" }
}
