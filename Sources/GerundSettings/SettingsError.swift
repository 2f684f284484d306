public import GerundCore
import GerundMedia

/// An error in the settings of a run: what is wrong with files, options and their combination.
public struct SettingsError: GerundError, Hashable {
    /// The kind of failure.
    ///
    /// New codes may be added.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String

        /// A configuration file can't be read, isn't YAML, or contains invalid settings.
        public static let invalidFile = Self(name: "invalidFile")
        /// `gerund.json` in the model directory contains invalid settings.
        public static let invalidModelSettings = Self(name: "invalidModelSettings")
        /// Settings contradict each other or don't fit the model.
        public static let conflictingSettings = Self(name: "conflictingSettings")
        /// The labels or background phrases can't be used with the model.
        public static let invalidLabels = Self(name: "invalidLabels")
        /// A setting that can't be changed at run time has changed.
        public static let immutableSetting = Self(name: "immutableSetting")
    }

    /// One thing that is wrong, in one line.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The location of the setting; `nil` for the command line.
        public let location: SettingLocation?
        /// The problem and its remedy, in one line without credentials.
        public let message: String

        init(_ location: SettingLocation?, _ message: String) {
            self.location = location
            // A file may hold an address in the wrong place, with a password in it.
            self.message = Redactor().redact(message).sanitized
        }

        /// The location and the message, such as `gerund.yaml:3: unknown key 'lables'`.
        public var description: String { (self.location.map { "\($0): " } ?? "") + self.message }
    }

    /// The kind of failure.
    public let code: Code
    /// Everything that is wrong, in the order of the lines; never empty.
    public let problems: [Problem]

    /// - Precondition: `problems` is not empty.
    init(_ code: Code, _ problems: [Problem]) {
        precondition(!problems.isEmpty, "a SettingsError without a problem")
        self.code = code
        self.problems = problems.sorted { ($0.location?.line ?? 0) < ($1.location?.line ?? 0) }
    }

    /// Creates an error with one problem.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - location: The location of the setting; `nil` for the command line.
    ///   - message: The problem and its remedy, in one line.
    public init(_ code: Code, at location: SettingLocation? = nil, _ message: String) {
        self.init(code, [Problem(location, message)])
    }

    /// Always `nil`.
    public var cause: (any Error)? { nil }

    /// The first problem, and the number of the others.
    public var message: String {
        let more = self.problems.count - 1
        return self.problems[0].description + (more > 0 ? " (and \(more) more)" : "")
    }
}

/// The place in a file where a setting was given.
public struct SettingLocation: Sendable, Hashable, CustomStringConvertible {
    /// The path of the file, as the user named it.
    public let path: String
    /// The line, from 1; `nil` for the file as a whole.
    public let line: Int?

    /// Creates a location.
    ///
    /// - Parameters:
    ///   - path: The path of the file, as the user named it.
    ///   - line: The line, from 1. The default is the file as a whole.
    public init(path: String, line: Int? = nil) {
        self.path = path
        self.line = line
    }

    /// The path and the line, such as `gerund.yaml:3`.
    public var description: String { self.path + (self.line.map { ":\($0)" } ?? "") }
}
