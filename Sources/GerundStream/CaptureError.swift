public import GerundCore

/// An error that occurred while opening or reading a source.
public struct CaptureError: GerundError, Hashable {
    /// The kind of failure.
    ///
    /// New codes may be added.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String

        private init(name: String) {
            self.name = name
        }

        /// The address or one of its options is invalid.
        public static let invalidAddress = Self(name: "invalidAddress")
        /// The device, file or stream path doesn't exist.
        public static let notFound = Self(name: "notFound")
        /// The server rejected the credentials, or the system denied access.
        public static let unauthorized = Self(name: "unauthorized")
        /// The device is in use, or the system is out of threads or file descriptors.
        public static let busy = Self(name: "busy")
        /// No connection to the host could be established.
        public static let unreachable = Self(name: "unreachable")
        /// No data arrived within the time-out.
        public static let timedOut = Self(name: "timedOut")
        /// The data isn't a video: an unknown format, damaged headers, or no video stream.
        public static let invalidData = Self(name: "invalidData")
        /// There is no decoder for the stream, or no conversion from its pixel format.
        public static let unsupported = Self(name: "unsupported")
        /// A source that was open failed.
        public static let disconnected = Self(name: "disconnected")
    }

    /// The kind of failure.
    public var code: Code
    /// The name of the source, as in records, without credentials.
    public var source: SourceID
    /// A description of the failure and its remedy, in one line without credentials.
    public var message: String
    /// The error that the C library reported, if any, without credentials.
    public var libraryError: LibraryError?
    /// A Boolean value that indicates whether a later attempt can succeed.
    public var isTransient: Bool

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - source: The name of the source, without credentials.
    ///   - message: A description of the failure and its remedy, in one line without credentials.
    ///   - cause: The error that the C library reported, without credentials.
    ///   - isTransient: Whether a later attempt can succeed.
    public init(
        code: Code, source: SourceID, message: String, cause: LibraryError? = nil, isTransient: Bool = false
    ) {
        self.code = code
        self.source = source
        self.message = message
        self.libraryError = cause
        self.isTransient = isTransient
    }

    /// The name of the source.
    public var subject: String? { self.source.name }
    /// The error that the C library reported, if any.
    public var cause: (any Error)? { self.libraryError }
}

/// An error in the words of a C library: its message or the text of its error code, without credentials.
public struct LibraryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text, in one line.
    public var description: String

    /// Creates an error from a library's text.
    ///
    /// - Parameter description: The text, in one line without credentials.
    public init(_ description: String) {
        self.description = description
    }
}
