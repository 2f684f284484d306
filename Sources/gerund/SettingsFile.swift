import GerundConfiguration

/// Where the settings of a watch are: in files, and on the command line, which counts more.
struct SettingsFile {
    /// The last counts most.
    let paths: [String]
    let commandLine: WatchSettings

    /// The files as they are now, and the file of labels that settings name.
    func stamps(with settings: WatchSettings? = nil) -> [FileStamp?] {
        (self.paths + [settings?.labelsFile].compactMap { $0 }).map(FileStamp.init)
    }

    /// - Throws: ``ConfigurationError`` with everything that is wrong with the files.
    func read() throws(ConfigurationError) -> WatchSettings {
        var settings = self.commandLine
        for path in self.paths.reversed() {
            settings = settings.filled(from: try ConfigurationFile.read(path: path, choices: Self.choices))
        }
        guard !settings.sources.isEmpty else {
            throw ConfigurationError(
                path: self.paths.last ?? "", "no source is named: list some under sources:, or on the command line")
        }
        return settings
    }

    /// - Throws: ``CommandFailure`` `usage` after all that is wrong has been told, a line each.
    func readOrFail() throws -> WatchSettings {
        do {
            return try self.read()
        } catch {
            for problem in error.problems { StandardError.write("gerund: \(problem)") }
            throw CommandFailure(status: .usage)
        }
    }

    private static let choices = ConfigurationFile.Choices(
        formats: OutputFormat.allCases.map(\.rawValue), precisions: PrecisionOption.allCases.map(\.rawValue))
}
