import GerundCore
import GerundEngine

/// A configuration file of `gerund watch --config`: YAML, with the keys of ``SettingsTable``.
///
///     sources:
///       - rtsp://viewer:secret@camera-1/stream#name=door
///       - {address: /dev/video0, name: desk, size: 1280x720}
///     labels: [waving a hand, falling down]
///     thresholds:
///       falling down: {start_threshold: 0.8, end_threshold: 0.6}
///     log: events.jsonl
///
/// Paths are relative to the file's directory.
public enum SettingsFile {
    /// A list of hundreds of sources and thousands of labels is far smaller.
    static let maximumByteCount = 1 << 20

    /// Reads a file and checks everything that doesn't depend on the model and the sources.
    ///
    /// Blocks the calling thread until the file has been read.
    ///
    /// - Parameter path: The path of the file.
    /// - Returns: The settings that the file gives, with their lines.
    /// - Throws: ``SettingsError`` `invalidFile` with everything that is wrong.
    public static func read(path: String) throws(SettingsError) -> Settings {
        let text: String
        do {
            text = try TextFile.read(path: path, limit: self.maximumByteCount)
        } catch {
            throw SettingsError(.invalidFile, at: SettingLocation(path: path, line: error.line), error.reason)
        }
        return try self.parse(text, path: path)
    }

    /// Reads the text of a file.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - path: The file's path, for messages and for relative paths in it.
    /// - Returns: The settings that the file gives, with their lines.
    /// - Throws: ``SettingsError`` `invalidFile` with everything that is wrong.
    static func parse(_ text: String, path: String) throws(SettingsError) -> Settings {
        var yaml = YAMLReader(path: path)
        var settings = Settings()
        let known = SettingsTable.shared.settings(in: .configuration)
        for entry in yaml.root(of: text) ?? [] {
            guard let setting = known.first(where: { $0.key == entry.key }) else {
                yaml.report(self.message(forKey: entry.key, known: known), line: entry.line)
                continue
            }
            let location = SettingLocation(path: path, line: entry.line)
            if let assignment = setting.readYAML(&yaml, entry) {
                settings.assign(assignment, at: location)
            } else {
                settings.locate(setting.key, at: location)
            }
        }
        self.checkCombinations(of: settings, in: &yaml)
        guard yaml.problems.isEmpty else { throw SettingsError(.invalidFile, yaml.problems) }
        return settings
    }

    /// The message for a key that no setting of the file has.
    static func message(forKey key: String, known: [AnySetting]) -> String {
        if let setting = known.first(where: { $0.formerKeys.contains(key) }) {
            return "'\(key)' is now called '\(setting.key)'"
        }
        return key.unknownNameMessage("key", path: key.excerpt, known: known.map(\.key))
    }

    private static func checkCombinations(of settings: Settings, in yaml: inout YAMLReader) {
        let table = SettingsTable.shared
        func line(_ key: String) -> Int { settings.locations[key]?.line ?? 1 }
        let thresholds = LabelThresholds(start: settings.startThreshold, end: settings.endThreshold)
        if let message = thresholds.conflict { yaml.report(message, line: line(table.endThreshold.key)) }
        do {
            try LabelSet.validate(labels: settings.labels ?? [], background: settings.background ?? [])
        } catch {
            yaml.report(error.message, line: line(table.background.key))
        }
        if settings.labels != nil, settings.labelsFile != nil {
            yaml.report(
                "'labels' and 'labels_file' are both given: put all labels into one of them",
                line: line(table.labelsFile.key))
        }
        // Labels may also come from elsewhere: only a list in this file can show that one is unknown.
        guard let labels = settings.labels else { return }
        for (label, line) in yaml.thresholdLines where !labels.contains(label) {
            let hint = label.closestMatch(in: labels).map { "did you mean '\($0)'?" }
            yaml.report(
                "thresholds for unknown label '\(label.excerpt)': \(hint ?? "add it to labels, or remove this")",
                line: line)
        }
    }
}
