/// Why a model folder could not be opened. Switch on ``code``; print the description.
public struct CheckpointError: Error, Sendable {
    /// The kind of failure. New codes may be added.
    public struct Code: Hashable, Sendable {
        private enum Wrapped { case notFound, wrongKind, unreadable, tooLarge, malformed, invalidValue, unsupported }
        private let wrapped: Wrapped
        private init(_ wrapped: Wrapped) { self.wrapped = wrapped }

        /// The folder, or a file that a model needs, does not exist.
        public static let notFound = Self(.notFound)
        /// A folder where a file belongs, or the other way round; a device or a pipe.
        public static let wrongKind = Self(.wrongKind)
        /// The system refused the access or failed to read.
        public static let unreadable = Self(.unreadable)
        /// The file is larger than any sane file of its kind.
        public static let tooLarge = Self(.tooLarge)
        /// The file breaks its format: truncated, no JSON, not UTF-8, tensors that overlap.
        public static let malformed = Self(.malformed)
        /// The file is well formed, but a value in it is missing, unknown, of the wrong type or out of range.
        public static let invalidValue = Self(.invalidValue)
        /// A format that is not read, for example a PyTorch archive.
        public static let unsupported = Self(.unsupported)
    }

    public var code: Code
    /// The file or folder, as the user named it.
    public var path: String
    /// What is wrong and what to do about it, in one line.
    public var message: String
    /// What the system said, when it said anything.
    public var cause: String?

    public init(code: Code, path: String, message: String, cause: String? = nil) {
        self.code = code
        self.path = path
        self.message = message
        self.cause = cause
    }
}

extension CheckpointError: CustomStringConvertible {
    public var description: String {
        "\(self.path): \(self.message)\(self.cause.map { " (\($0))" } ?? "")"
    }
}
