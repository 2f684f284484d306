import GerundCore
import GerundEngine
import GerundSettings

/// Reads the settings of a run: the command line, and configuration files below it.
struct SettingsLoader {
    /// The configuration files; later ones take precedence over earlier ones.
    let paths: [String]
    let commandLine: Settings

    /// Creates a loader.
    ///
    /// - Throws: ``SettingsError`` if the labels of a pipe can't be read.
    init(paths: [String], commandLine: Settings) throws(SettingsError) {
        self.paths = paths
        var commandLine = commandLine
        // A pipe gives its labels only once: they are read now, and listed from then on.
        if let path = commandLine.labelsFile, FileFingerprint(path: path) == nil {
            do throws(ModelError) {
                commandLine.labels = (commandLine.labels ?? []) + (try LabelFile.read(path: path))
            } catch {
                throw SettingsError(.invalidLabels, error.summary)
            }
            commandLine.labelsFile = nil
        }
        self.commandLine = commandLine
    }

    /// Returns the fingerprints of the configuration files, and of the label file that settings name.
    func fingerprints(with settings: Settings? = nil) -> [FileFingerprint?] {
        (self.paths + [settings?.labelsFile].compactMap(\.self)).map(FileFingerprint.init)
    }

    /// Reads the files.
    ///
    /// Blocks the calling thread until the files have been read.
    ///
    /// - Returns: The settings of the command line, completed by those of the files.
    /// - Throws: ``SettingsError`` with everything that is wrong with a file.
    func load() throws(SettingsError) -> Settings {
        var settings = self.commandLine
        for path in self.paths.reversed() { settings = settings.merging(defaults: try SettingsFile.read(path: path)) }
        try settings.checkCombinations()
        guard settings.sources != nil else {
            throw SettingsError(
                .conflictingSettings, at: self.paths.last.map { SettingLocation(path: $0) },
                "no source: list some under sources:, or on the command line")
        }
        return settings
    }
}
