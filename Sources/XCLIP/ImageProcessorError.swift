public import GerundCore

/// The reason why an image processor can't be created, for instance from a `preprocessor_config.json`.
public struct ImageProcessorError: GerundError {
    /// The kind of failure.
    ///
    /// New codes may be added.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String
        private init(name: String) { self.name = name }

        /// A value is of the wrong type or out of range.
        public static let invalidValue = Self(name: "invalidValue")
        /// The file asks for a step that X-CLIP's preprocessing doesn't have.
        public static let unsupported = Self(name: "unsupported")
    }

    /// The kind of failure.
    public var code: Code
    /// A description of the failure, in one line, without the path of the file.
    public var message: String

    /// Always `nil`.
    public var cause: (any Error)? { nil }
}
