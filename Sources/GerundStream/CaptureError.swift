public import GerundCore

/// Why a source could not be read. Switch on ``code``; print the description.
public struct CaptureError: Error, Hashable, Sendable {
    /// The kind of failure. New codes may be added.
    public struct Code: Hashable, Sendable {
        private enum Wrapped {
            case usage, notFound, unauthorized, busy, unreachable, timedOut, notAVideo, unsupported, lost
        }
        private let wrapped: Wrapped
        private init(_ wrapped: Wrapped) { self.wrapped = wrapped }

        /// The address or one of its options makes no sense.
        public static let usage = Self(.usage)
        /// The device, file or stream path does not exist.
        public static let notFound = Self(.notFound)
        /// The server refused the credentials, or the system the access.
        public static let unauthorized = Self(.unauthorized)
        /// Another program is using the device.
        public static let busy = Self(.busy)
        /// No connection to the host.
        public static let unreachable = Self(.unreachable)
        /// Nothing arrived within the time-out.
        public static let timedOut = Self(.timedOut)
        /// The data is no media file, is damaged at its start, or has no video stream.
        public static let notAVideo = Self(.notAVideo)
        /// No decoder or no pixel format for this stream.
        public static let unsupported = Self(.unsupported)
        /// A source that was open broke off.
        public static let lost = Self(.lost)
    }

    public var code: Code
    /// The source as records name it, without credentials.
    public var source: SourceID
    /// What failed and what to do about it, in one line without credentials.
    public var message: String
    /// What the C library said, when it said anything, without credentials.
    public var cause: String?
    /// Whether trying again can help a live source.
    public var isTransient: Bool

    public init(code: Code, source: SourceID, message: String, cause: String? = nil, isTransient: Bool = false) {
        self.code = code
        self.source = source
        self.message = message
        self.cause = cause
        self.isTransient = isTransient
    }
}

extension CaptureError: CustomStringConvertible {
    public var description: String {
        "\(self.source): \(self.message)\(self.cause.map { " (\($0))" } ?? "")"
    }
}
