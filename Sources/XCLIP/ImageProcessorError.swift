/// Why a `preprocessor_config.json` can't be followed. Switch on ``code``; print the description.
public struct ImageProcessorError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. New codes may be added.
    public struct Code: Hashable, Sendable {
        private enum Wrapped { case malformed, invalidValue, unsupported }
        private let wrapped: Wrapped
        private init(_ wrapped: Wrapped) { self.wrapped = wrapped }

        /// Not JSON, or a value of the wrong type.
        public static let malformed = Self(.malformed)
        /// A value that is out of range.
        public static let invalidValue = Self(.invalidValue)
        /// A step that X-CLIP's preprocessing does not have, as other models' may.
        public static let unsupported = Self(.unsupported)
    }

    public var code: Code
    /// What is wrong, in one line; the caller knows the file.
    public var message: String

    public var description: String { self.message }
}
