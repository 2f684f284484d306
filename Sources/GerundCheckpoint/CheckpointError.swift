public import GerundCore
import Glibc

/// An error of opening or reading a model directory.
///
/// Switch on ``code``, and print ``summary``.
public struct CheckpointError: GerundError {
    /// The kind of failure.
    ///
    /// New codes may be added.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String

        /// The directory, or a file that a model needs, doesn't exist.
        public static let notFound = Self(name: "notFound")
        /// Expected a file but found a directory, a device or a pipe, or a directory but found a file.
        public static let wrongKind = Self(name: "wrongKind")
        /// The system refused the access or failed to read.
        public static let unreadable = Self(name: "unreadable")
        /// The file is larger than any valid file of its format.
        public static let tooLarge = Self(name: "tooLarge")
        /// The file violates its format: truncated, invalid JSON, not UTF-8, overlapping tensors.
        public static let malformed = Self(name: "malformed")
        /// The file is well formed, but a value in it is missing, unknown, of the wrong type or out of range.
        public static let invalidValue = Self(name: "invalidValue")
        /// The format isn't supported, for example a PyTorch archive.
        public static let unsupported = Self(name: "unsupported")
    }

    /// The kind of failure.
    public var code: Code
    /// The file or the directory, as the user named it.
    public var path: String
    /// A description of the failure and its remedy, in one line without the path.
    public var message: String
    /// The error that led to this one, such as a `SystemError`; `nil` without a cause.
    public var cause: (any Error)?

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - path: The file or the directory, as the user named it.
    ///   - message: A description of the failure and its remedy, in one line without the path.
    ///   - cause: The error that led to this one.
    public init(code: Code, path: String, message: String, cause: (any Error)? = nil) {
        self.code = code
        self.path = path
        self.message = message
        self.cause = cause
    }

    /// The ``path``.
    public var subject: String? { self.path }
}

extension CheckpointError {
    /// Creates the error for a failed system call.
    init(path: String, _ cause: SystemError) {
        switch cause.number {
        case ENOENT, ENOTDIR: self.init(code: .notFound, path: path, message: "no such file", cause: cause)
        case EACCES, EPERM:
            self.init(
                code: .unreadable, path: path, message: "not readable for this user: check its permissions",
                cause: cause)
        default: self.init(code: .unreadable, path: path, message: "cannot read the file", cause: cause)
        }
    }
}
