public import GerundCore

/// An error of the event log.
public struct LogError: GerundError {
    /// The kind of failure.
    ///
    /// New codes may be added.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String

        /// The path can't name a log.
        public static let invalidPath = Self(name: "invalidPath")
        /// The file can't be created or opened for appending.
        public static let cannotOpen = Self(name: "cannotOpen")
        /// The file has contents that are not an event log's.
        ///
        /// It is unchanged.
        public static let notALog = Self(name: "notALog")
        /// The file serves another purpose in this run, such as that of a source.
        ///
        /// It is unchanged.
        public static let inUse = Self(name: "inUse")
        /// A line could not be written; no part of it is in the file.
        public static let cannotWrite = Self(name: "cannotWrite")
        /// The file has reached its maximum size and can't be renamed.
        ///
        /// It is still appended to.
        public static let cannotRotate = Self(name: "cannotRotate")
    }

    /// The kind of failure.
    public let code: Code
    /// The log's path, as it was given.
    public let path: String
    /// The failure and its remedy, in one line.
    public let message: String
    /// The system's error, if there is one.
    public let cause: (any Error)?

    init(code: Code, path: String, message: String, cause: (any Error)? = nil) {
        self.code = code
        self.path = path
        self.message = message
        self.cause = cause
    }

    /// The log's path; `nil` if it is empty.
    public var subject: String? { self.path.isEmpty ? nil : self.path }
}
