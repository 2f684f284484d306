import GerundCore

/// An error in an option of a source address.
struct OptionError: GerundError, Hashable {
    /// The kind of error.
    struct Code: ErrorCode {
        let name: String

        private init(name: String) {
            self.name = name
        }

        /// No such option exists.
        static let unknown = Self(name: "unknown")
        /// The option has another name now.
        static let renamed = Self(name: "renamed")
        /// The option isn't supported for the kind of address.
        static let unsupported = Self(name: "unsupported")
        /// The option has no value.
        static let missingValue = Self(name: "missingValue")
        /// The option is given more than once.
        static let duplicate = Self(name: "duplicate")
        /// The value is invalid.
        static let invalidValue = Self(name: "invalidValue")
    }

    let code: Code
    let message: String
    var cause: (any Error)? { nil }

    private init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func unknown(_ name: String, for kind: SourceAddress.Kind) -> Self {
        let known = SourceOptions.Key.allCases.filter { $0.kinds.contains(kind) }.map(\.rawValue)
        return Self(.unknown, name.unknownNameMessage("option", known: known))
    }

    static func renamed(_ name: String, to key: SourceOptions.Key) -> Self {
        Self(.renamed, "option '\(name)' is now called '\(key.rawValue)'")
    }

    static func unsupported(_ key: SourceOptions.Key) -> Self {
        Self(.unsupported, "option '\(key.rawValue)' is not supported for this kind of source")
    }

    static func missingValue(_ key: SourceOptions.Key) -> Self {
        Self(.missingValue, "option '\(key.rawValue)' has no value: expected \(key.rawValue)=VALUE")
    }

    static func duplicate(_ key: SourceOptions.Key) -> Self {
        Self(.duplicate, "option '\(key.rawValue)' is given more than once")
    }

    static func invalidValue(_ value: String, of key: SourceOptions.Key, expected: String) -> Self {
        Self(.invalidValue, "invalid \(key.rawValue) '\(value)': expected \(expected)")
    }
}
