/// An error of reading a file that a person wrote.
public struct TextFileError: GerundError, Hashable {
    /// The kind of failure.
    ///
    /// New codes may be added.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String

        /// The file, or a directory of its path, doesn't exist.
        public static let notFound = Self(name: "notFound")
        /// The path leads to a directory.
        public static let isDirectory = Self(name: "isDirectory")
        /// The file is larger than the limit.
        public static let tooLarge = Self(name: "tooLarge")
        /// The system refused the access or failed to read.
        public static let unreadable = Self(name: "unreadable")
        /// The file isn't UTF-8.
        public static let invalidEncoding = Self(name: "invalidEncoding")
    }

    /// The kind of failure.
    public var code: Code
    /// The file's path, as it was given.
    public var path: String
    /// The line at fault, counted from 1; `nil` for the file as a whole.
    public var line: Int?
    /// A description of the failure, in one line without the path.
    public var message: String
    /// The system's error; `nil` if none led to this one.
    public var systemError: SystemError?

    init(_ code: Code, path: String, line: Int? = nil, _ message: String, cause: SystemError? = nil) {
        self.code = code
        self.path = path
        self.line = line
        self.message = message
        self.systemError = cause
    }

    /// The path, with the line if there is one: `labels.txt:3`.
    public var subject: String? { self.line.map { "\(self.path):\($0)" } ?? self.path }

    /// The system's error; `nil` if none led to this one.
    public var cause: (any Error)? { self.systemError }
}
