import ArgumentParser
import GerundSettings

/// A group of command-line options that are settings of ``SettingsTable``.
protocol SettingOptions: ParsableArguments {
    /// The settings that flags turn on.
    var flags: [SettingAssignment?] { get }
}

extension SettingOptions {
    var flags: [SettingAssignment?] { [] }

    /// The settings that the user gave.
    ///
    /// Found by reflection, as the argument parser finds the options themselves, so that an option is listed once.
    fileprivate var assignments: [SettingAssignment] {
        let options = Mirror(reflecting: self).children.flatMap { child -> [SettingAssignment] in
            switch child.value {
            case let option as Option<SettingAssignment?>: [option.wrappedValue].compactMap(\.self)
            case let option as Option<[SettingAssignment]>: option.wrappedValue
            default: []
            }
        }
        return options + self.flags.compactMap(\.self)
    }
}

extension Settings {
    /// Creates the settings that groups of options give.
    init(_ groups: any SettingOptions...) {
        self.init()
        for assignment in groups.flatMap(\.assignments) { self.assign(assignment) }
    }
}

extension SettingAssignment {
    /// Creates the assignment of `true` if a flag was given; else `nil`.
    init?(_ path: KeyPath<SettingsTable, Setting<Bool>>, flag: Bool) {
        guard flag else { return nil }
        self.init(SettingsTable.shared[keyPath: path], true)
    }
}

extension Option where Value == SettingAssignment? {
    /// Creates the option of a setting.
    init<T>(_ path: KeyPath<SettingsTable, Setting<T>>) { self.init(SettingsTable.shared[keyPath: path]) }

    /// Creates the option of a setting, which may be limited to some of its values.
    init<T>(_ setting: Setting<T>) {
        let setting = AnySetting(setting)
        self.init(
            name: .customLong(setting.optionName), help: setting.argumentHelp, completion: setting.completion,
            transform: { try setting.assignment($0) })
    }
}

extension Option where Value == [SettingAssignment] {
    /// Creates the option of a setting, which may be repeated.
    init<T>(wrappedValue: [SettingAssignment], _ path: KeyPath<SettingsTable, Setting<T>>) {
        let setting = AnySetting(SettingsTable.shared[keyPath: path])
        self.init(
            wrappedValue: wrappedValue, name: .customLong(setting.optionName), help: setting.argumentHelp,
            completion: setting.completion,
            transform: { try setting.assignment($0) })
    }
}

extension Flag where Value == Bool {
    /// Creates the flag of a setting.
    init(wrappedValue: Bool, _ path: KeyPath<SettingsTable, Setting<Bool>>) {
        let setting = AnySetting(SettingsTable.shared[keyPath: path])
        self.init(wrappedValue: wrappedValue, name: .customLong(setting.optionName), help: setting.argumentHelp)
    }
}

extension AnySetting {
    /// The option's name without its dashes.
    fileprivate var optionName: String { self.option ?? self.key }

    fileprivate var argumentHelp: ArgumentHelp { ArgumentHelp("\(self.help)", valueName: self.placeholder) }

    fileprivate var completion: CompletionKind? {
        switch self.placeholder {
        case "file": .file()
        case "directory": .directory
        default: self.choices.isEmpty ? nil : .list(self.choices)
        }
    }
}
