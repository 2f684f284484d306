import GerundCore

/// The definition of a setting: its names, type, range, default and meaning.
///
/// The command line's options, the configuration file's keys, `gerund.json`, help and the reference come from it.
public struct Setting<Value: Hashable & Sendable>: Sendable {
    /// The key in a configuration file and in `gerund.json`, such as `min_duration`.
    public let key: String
    /// The name of the command-line option without its dashes; `nil` if it has no option.
    public let option: String?
    /// The form of values and the allowed ones.
    public let type: SettingType<Value>
    /// The value if neither the user nor the model gives one; `nil` if it isn't a constant.
    public let defaultValue: Value?
    /// The default in words, where it isn't a constant.
    public let defaultDescription: String?
    /// The meaning of the setting, in one sentence.
    public let summary: String
    /// The kinds of file that may give the setting.
    public let files: Set<SettingsFileKind>
    /// The commands that have the setting.
    public let commands: Set<SettingsCommand>
    /// The effect of a change at run time.
    public let mutability: SettingMutability
    /// Names that the setting once had, as keys.
    public let formerKeys: [String]

    /// Creates a setting.
    ///
    /// - Parameters:
    ///   - key: The key in files.
    ///   - option: The name of the option. The default is the key with dashes.
    ///   - type: The form of values and the allowed ones.
    ///   - summary: The meaning of the setting, in one sentence.
    ///   - defaultValue: The built-in default.
    ///   - defaultDescription: The default in words, where it isn't a constant.
    ///   - files: The kinds of file that may give the setting.
    ///   - commands: The commands that have the setting.
    ///   - mutability: The effect of a change at run time.
    ///   - formerKeys: Names that the setting once had.
    init(
        _ key: String, option: Option = .likeKey, _ type: SettingType<Value>, _ summary: String,
        default defaultValue: Value? = nil, described defaultDescription: String? = nil,
        files: Set<SettingsFileKind> = [.configuration], commands: Set<SettingsCommand> = [.watch],
        _ mutability: SettingMutability = .fixed, formerly formerKeys: [String] = []
    ) {
        self.key = key
        self.option =
            switch option {
            case .likeKey: key.replacing("_", with: "-")
            case .named(let name): name
            case .none: nil
            }
        self.type = type
        self.summary = summary
        self.defaultValue = defaultValue
        self.defaultDescription = defaultDescription
        self.files = files
        self.commands = commands
        self.mutability = mutability
        self.formerKeys = formerKeys
    }

    /// The name of a setting's command-line option.
    enum Option {
        case likeKey
        case named(String)
        case none
    }

    /// Returns the setting restricted to some of its values, for a command that supports only these.
    ///
    /// - Parameters:
    ///   - values: The supported values.
    ///   - defaultValue: The default of the command. The default is that of this setting.
    /// - Returns: The restricted setting.
    public func limited(to values: [Value], default defaultValue: Value? = nil) -> Setting
    where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
        Setting(
            self.key, option: self.option.map { .named($0) } ?? .none,
            .choice(values, placeholder: self.type.placeholder, formerChoices: self.type.formerChoices), self.summary,
            default: defaultValue ?? self.defaultValue, described: self.defaultDescription, files: self.files,
            commands: self.commands, self.mutability, formerly: self.formerKeys)
    }
}

extension Setting {
    /// Returns the setting with other words, for a command in which it means or defaults to something else.
    ///
    /// - Parameters:
    ///   - summary: The meaning. The default is that of this setting.
    ///   - defaultDescription: The default in words. The default is that of this setting.
    /// - Returns: The setting with the same names, type and range.
    public func described(_ summary: String? = nil, default defaultDescription: String? = nil) -> Setting {
        Setting(
            self.key, option: self.option.map { .named($0) } ?? .none, self.type, summary ?? self.summary,
            default: self.defaultValue, described: defaultDescription ?? self.defaultDescription, files: self.files,
            commands: self.commands, self.mutability, formerly: self.formerKeys)
    }
}

/// A kind of file that holds settings.
public enum SettingsFileKind: String, CaseIterable, Hashable, Sendable {
    /// A configuration file of `gerund watch --config`, in YAML.
    case configuration
    /// `gerund.json` in a model directory.
    case model
}

/// A command with settings.
public enum SettingsCommand: String, CaseIterable, Hashable, Sendable {
    case watch, classify, compare, calibrate, bench, probe, devices
}

/// The effect of a change of a setting while `gerund watch` runs.
public enum SettingMutability: String, Hashable, Sendable {
    /// Only a restart can change the setting.
    case fixed
    /// The change takes effect at once; labels, thresholds and smoothing with each source's next window.
    case live
    /// All sources are reopened.
    case reopensSources
}

// MARK: - Texts

extension Setting {
    /// The default as help shows it; `nil` for a setting that is off or empty by default.
    public var defaultText: String? {
        let value = self.defaultValue.map(self.type.format)
        guard self.files.contains(.model), self.option != nil else { return self.defaultDescription ?? value }
        guard let other = self.defaultDescription ?? value else { return "the model's" }
        return "the model's, else \(other)"
    }

    /// The help of the option: the meaning, the values and the default.
    public var help: String {
        let isFlag = self.type.placeholder == "flag"
        let values = self.type.choices.isEmpty || isFlag ? nil : "values: \(self.type.choices.joined(separator: ", "))"
        let notes = [values, isFlag ? nil : self.defaultText.map { "default: \($0)" }].compactMap(\.self)
        return self.summary + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))")
    }

    /// The message for a key that the setting once had; `nil` for any other key.
    func formerNameMessage(_ key: String) -> String? {
        self.formerKeys.contains(key) ? "'\(key)' is now called '\(self.key)'" : nil
    }
}

// MARK: - Any value

/// A ``Setting`` of any type of value.
public struct AnySetting: Sendable {
    /// The key in a configuration file and in `gerund.json`, such as `min_duration`.
    public let key: String
    /// The name of the command-line option without its dashes; `nil` if it has no option.
    public let option: String?
    /// The meaning of the setting, in one sentence.
    public let summary: String
    /// The allowed values, as the end of a sentence that begins with "must be".
    public let expected: String
    /// The name of a value in help, such as `duration`.
    public let placeholder: String
    /// The range of a number, a duration (in seconds) or a size (in bytes); `nil` for other types.
    public let range: SettingRange?
    /// The values to choose from; empty for other types.
    public let choices: [String]
    /// A Boolean value that indicates whether the command line has a flag instead of an option with a value.
    public let isFlag: Bool
    /// The default as help shows it; `nil` for a setting that is off or empty by default.
    public let defaultText: String?
    /// The help of the option: the meaning, the values and the default.
    public let help: String
    /// The kinds of file that may give the setting.
    public let files: Set<SettingsFileKind>
    /// The commands that have the setting.
    public let commands: Set<SettingsCommand>
    /// The effect of a change at run time.
    public let mutability: SettingMutability
    /// Names that the setting once had, as keys.
    public let formerKeys: [String]

    /// Returns the assignment of the value that a text on the command line stands for.
    ///
    /// Throws ``InvalidSettingValue`` for a text that isn't an allowed value.
    public let assignment: @Sendable (_ text: String) throws(InvalidSettingValue) -> SettingAssignment
    let readYAML: @Sendable (inout YAMLReader, YAMLReader.Entry) -> SettingAssignment?
    let readJSON: @Sendable (JSONValue) throws(InvalidSettingValue) -> SettingAssignment

    /// Creates a type-erased setting.
    ///
    /// - Parameter setting: The setting.
    public init<Value>(_ setting: Setting<Value>) {
        self.key = setting.key
        self.option = setting.option
        self.summary = setting.summary
        self.expected = setting.type.expected
        self.placeholder = setting.type.placeholder
        self.range = setting.type.range
        self.choices = setting.type.choices
        self.isFlag = Value.self == Bool.self
        self.defaultText = setting.defaultText
        self.help = setting.help
        self.files = setting.files
        self.commands = setting.commands
        self.mutability = setting.mutability
        self.formerKeys = setting.formerKeys
        let (key, type) = (setting.key, setting.type)
        self.assignment = { text throws(InvalidSettingValue) in SettingAssignment(key, try type.value(of: text)) }
        self.readYAML = { yaml, entry in type.readYAML(&yaml, entry).map { SettingAssignment(key, $0) } }
        self.readJSON = { json throws(InvalidSettingValue) in SettingAssignment(key, try type.readJSON(json)) }
    }
}

/// A setting's key and the value that it was given.
public struct SettingAssignment: Sendable, Hashable {
    /// The setting's key.
    public let key: String
    let value: SettingValue

    init(_ key: String, _ value: some Hashable & Sendable) {
        self.key = key
        self.value = SettingValue(value)
    }

    /// Creates the assignment of a value.
    ///
    /// - Parameters:
    ///   - setting: The setting.
    ///   - value: Its value.
    public init<Value>(_ setting: Setting<Value>, _ value: Value) {
        self.init(setting.key, value)
    }
}

/// A value of any setting.
struct SettingValue: Hashable, Sendable {
    let value: any Hashable & Sendable

    init(_ value: some Hashable & Sendable) { self.value = value }

    static func == (lhs: SettingValue, rhs: SettingValue) -> Bool { lhs.erased == rhs.erased }

    func hash(into hasher: inout Hasher) { hasher.combine(self.erased) }

    private var erased: AnyHashable { AnyHashable(self.value) }
}
