public import GerundCore

/// The reason why a `config.json` can't be used.
public struct XCLIPConfigurationError: GerundError {
    /// The kind of failure.
    ///
    /// New codes may be added.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String
        private init(name: String) { self.name = name }

        /// The file describes a model of another architecture (HF: `model_type`).
        public static let unsupportedModelType = Self(name: "unsupportedModelType")
        /// The value of a key is of the wrong type, out of range or inconsistent with another key.
        public static let invalidValue = Self(name: "invalidValue")
    }

    /// The kind of failure.
    public var code: Code
    /// The path of the key, such as `vision_config.hidden_size`; `nil` if the error is about several keys together.
    public var key: String?
    /// The allowed values, such as `an integer from 1 to 256`.
    public var expected: String
    /// The actual value, such as `12` or `an object`.
    public var found: String
    /// A description of the failure, in one line, without the path of the file.
    public var message: String

    /// Creates the error for a member of the file.
    init(_ code: Code, _ error: JSONValueError) {
        self.code = code
        self.key = error.key.isEmpty ? nil : error.key
        self.expected = error.expected
        self.found = error.found
        self.message = code == .unsupportedModelType ? "not an X-CLIP model: \(error.message)" : error.message
    }

    /// Always `nil`.
    public var cause: (any Error)? { nil }
}
