import GerundCore

/// The values of settings as one place gives them: the command line, a configuration file or a model's `gerund.json`.
///
/// Every setting of ``SettingsTable`` is a property, `nil` if the place doesn't give it:
///
///     var settings = Settings()
///     settings.window = .seconds(2)
///     let complete = settings.merging(defaults: file)
@dynamicMemberLookup
public struct Settings: Hashable, Sendable {
    private var values: [String: SettingValue] = [:]
    /// The lines that gave the settings, by key; none for those of the command line.
    public private(set) var locations: [String: SettingLocation] = [:]

    /// Creates settings without values.
    public init() {}

    /// The value of a setting; `nil` if none is given.
    public subscript<Value>(dynamicMember path: KeyPath<SettingsTable, Setting<Value>>) -> Value? {
        get { self.values[SettingsTable.shared[keyPath: path].key]?.value as? Value }
        set { self.values[SettingsTable.shared[keyPath: path].key] = newValue.map { SettingValue($0) } }
    }

    /// Returns the value of a setting, or its built-in default.
    ///
    /// - Parameter setting: A setting of ``SettingsTable`` with a constant default, which may be that of one command.
    /// - Returns: The value.
    public func value<Value>(of setting: Setting<Value>) -> Value {
        guard let value = self.values[setting.key]?.value as? Value ?? setting.defaultValue else {
            preconditionFailure("'\(setting.key)' has no constant default")
        }
        return value
    }

    /// The keys of the settings with a value.
    public var keys: Set<String> { Set(self.values.keys) }

    /// Sets the value of a setting.
    ///
    /// Lists are appended to the value that is already there.
    ///
    /// - Parameters:
    ///   - assignment: The setting and its value.
    ///   - location: The line that gave it. The default is the command line.
    public mutating func assign(_ assignment: SettingAssignment, at location: SettingLocation? = nil) {
        let key = assignment.key
        if let texts = assignment.value.value as? [String], let before = self.values[key]?.value as? [String] {
            self.values[key] = SettingValue(before + texts)
        } else {
            self.values[key] = assignment.value
        }
        self.locations[key] = location
    }

    /// Records the line of a setting whose value is invalid.
    mutating func locate(_ key: String, at location: SettingLocation) { self.locations[key] = location }

    /// Returns these settings, completed by settings of lower precedence.
    ///
    /// Labels are one setting, whether listed or in a file. The thresholds of labels are merged label by label.
    ///
    /// - Parameter defaults: The settings of lower precedence.
    /// - Returns: The merged settings with the locations of the values that they hold.
    public func merging(defaults: Settings) -> Settings {
        let table = SettingsTable.shared
        let labelKeys = [table.labels.key, table.labelsFile.key]
        let hasLabels = labelKeys.contains { self.values[$0] != nil }
        var merged = self
        for (key, value) in defaults.values where self.values[key] == nil && !(hasLabels && labelKeys.contains(key)) {
            merged.values[key] = value
            merged.locations[key] = defaults.locations[key]
        }
        if let own = self.thresholds, let other = defaults.thresholds {
            merged.thresholds = own.merging(other) { own, _ in own }
        }
        return merged
    }

    /// Checks the combinations of settings that don't depend on the model.
    ///
    /// - Throws: ``SettingsError`` `conflictingSettings`.
    public func checkCombinations() throws(SettingsError) {
        let table = SettingsTable.shared
        if let start = self.startThreshold, let end = self.endThreshold, end > start {
            throw self.thresholdConflict(start: start, end: end)
        }
        if self.logMaximumSize != nil, self.log == nil {
            let size = self.name(of: table.logMaximumSize)
            let log = self.name(of: table.log, like: table.logMaximumSize)
            throw self.conflict([table.logMaximumSize.key], "\(size) requires \(log)")
        }
        if self.logMaximumFiles != nil, self.logMaximumSize == nil {
            let files = self.name(of: table.logMaximumFiles)
            let size = self.name(of: table.logMaximumSize, like: table.logMaximumFiles)
            throw self.conflict([table.logMaximumFiles.key], "\(files) requires \(size), such as 10M")
        }
    }

    /// The error for an end threshold above the start threshold.
    func thresholdConflict(start: Double, end: Double) -> SettingsError {
        let table = SettingsTable.shared
        let endName = self.name(of: table.endThreshold)
        // The start threshold may be that of the model, or the built-in one.
        let startName =
            self.startThreshold == nil ? "the default start_threshold" : self.name(of: table.startThreshold)
        return self.conflict(
            [table.endThreshold.key, table.startThreshold.key],
            "\(endName) (\(end)) is above \(startName) (\(start)): lower it")
    }

    /// Returns the name of a setting as the user writes it: `'min_duration'` in a file, `--min-duration` in a command.
    ///
    /// - Parameters:
    ///   - setting: The setting.
    ///   - other: The setting whose location decides.
    /// - Returns: The key in quotes, or the option.
    private func name<Value, Other>(of setting: Setting<Value>, like other: Setting<Other>) -> String {
        guard self.locations[other.key] == nil, let option = setting.option else { return "'\(setting.key)'" }
        return "--\(option)"
    }

    private func name<Value>(of setting: Setting<Value>) -> String { self.name(of: setting, like: setting) }

    /// The error for settings that contradict each other, at the first line that gives one of them.
    func conflict(_ keys: [String], _ message: String) -> SettingsError {
        let location = keys.lazy.compactMap { self.locations[$0] }.first
        return SettingsError(.conflictingSettings, at: location, message)
    }

    /// Returns a Boolean value that indicates whether two places give a setting the same value, or neither gives one.
    func agrees(with other: Settings, on key: String) -> Bool { self.values[key] == other.values[key] }
}

/// The thresholds of one label; `nil` is the value of all labels.
public struct LabelThresholds: Sendable, Hashable {
    /// The smoothed score above which an event starts, from 0 to 1.
    public var start: Double?
    /// The smoothed score below which an event ends, from 0 to 1.
    public var end: Double?

    /// Creates thresholds.
    ///
    /// - Parameters:
    ///   - start: The smoothed score above which an event starts. The default is that of all labels.
    ///   - end: The smoothed score below which an event ends. The default is that of all labels.
    public init(start: Double? = nil, end: Double? = nil) {
        self.start = start
        self.end = end
    }

    /// The message for an end threshold above the start threshold.
    var conflict: String? {
        guard let start, let end, end > start else { return nil }
        return "'end_threshold' (\(end)) is above 'start_threshold' (\(start)): lower it"
    }
}
