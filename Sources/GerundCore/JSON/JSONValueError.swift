/// A member of a JSON object that is missing, of the wrong type or out of range.
public struct JSONValueError: GerundError, Hashable {
    /// The kind of failure.
    ///
    /// New codes may be added.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String

        /// The member has another type.
        public static let typeMismatch = Self(name: "typeMismatch")
        /// The member has the right type, but a value that is not allowed.
        public static let invalidValue = Self(name: "invalidValue")
        /// A required member is absent.
        public static let missingKey = Self(name: "missingKey")
    }

    /// The kind of failure.
    public var code: Code
    /// The path of the member, such as `vision_config.hidden_size`; empty for the document as a whole.
    public var key: String
    /// The allowed values, such as `an integer from 1 to 256`.
    public var expected: String
    /// The actual value, such as `"abc"` or `an object`.
    public var found: String
    /// The message, in one line.
    public var message: String

    /// Creates the error for a value.
    init(_ code: Code, key: String, expected: String, found: String) {
        self.code = code
        self.key = key
        self.expected = expected
        self.found = found
        let key = key.sanitized
        self.message =
            code == .missingKey
            ? "'\(key)' is missing, expected \(expected)"
            : key.isEmpty ? "expected \(expected), found \(found)" : "'\(key)' must be \(expected), found \(found)"
    }

    /// Always `nil`.
    public var cause: (any Error)? { nil }
}
