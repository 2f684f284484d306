import GerundEngine

/// A file of settings for `gerund watch --config`: YAML, with keys as in ``WatchSettings/Key``.
///
///     sources:
///       - rtsp://viewer:secret@camera-1/stream#name=door
///       - {address: /dev/video0, name: desk, size: 1280x720}
///     labels: [waving a hand, falling down]
///     thresholds:
///       falling down: {enter: 0.8, exit: 0.6}
///     log: events.jsonl
///
/// Paths are relative to the file's folder.
public enum ConfigurationFile {
    /// A list of hundreds of sources and thousands of labels is far smaller.
    static let maximumByteCount = 1 << 20

    /// What the program lets choose from, by name.
    public struct Choices: Sendable {
        public var formats: [String]
        public var precisions: [String]

        public init(formats: [String], precisions: [String]) {
            self.formats = formats
            self.precisions = precisions
        }
    }

    /// Reads a file and checks all that can be known without the model and the sources. Blocks while it reads.
    ///
    /// - Throws: ``ConfigurationError`` with everything that is wrong.
    public static func read(path: String, choices: Choices) throws(ConfigurationError) -> WatchSettings {
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path: path, limit: self.maximumByteCount)
        } catch {
            throw ConfigurationError(path: path, Self.message(error))
        }
        return try self.parse(bytes, path: path, choices: choices)
    }

    private static func message(_ error: SmallFile.Failure) -> String {
        switch error {
        case .folder: "is a folder: name a file"
        case .tooLarge(let limit): "more than \(limit) bytes are too many for a configuration"
        case .unreadable(let cause): "cannot read the configuration: \(cause)"
        }
    }

    /// - Parameter path: For messages, and for what relative paths start at.
    static func parse(
        _ bytes: [UInt8], path: String, choices: Choices
    ) throws(ConfigurationError) -> WatchSettings {
        guard var text = String(validating: bytes, as: UTF8.self) else {
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
            throw ConfigurationError(path: path, line: line + 1, "not UTF-8: save the file as UTF-8")
        }
        if text.unicodeScalars.first == "\u{feff}" { text.unicodeScalars.removeFirst() }
        var reader = SettingsReader(path: path, choices: choices)
        let settings = reader.settings(of: text)
        guard reader.problems.isEmpty else { throw ConfigurationError(reader.problems) }
        return settings
    }
}
