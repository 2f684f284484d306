/// Why the event log could not be opened or written. Switch on ``code``; print the description.
public struct LogError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. New codes may be added.
    public struct Code: Hashable, Sendable {
        private enum Wrapped { case cannotOpen, cannotWrite, cannotRotate }
        private let wrapped: Wrapped
        private init(_ wrapped: Wrapped) { self.wrapped = wrapped }

        /// The file can't be created or opened for appending.
        public static let cannotOpen = Self(.cannotOpen)
        /// A line could not be written; nothing of it is in the file.
        public static let cannotWrite = Self(.cannotWrite)
        /// The file is full and can't be moved away; it is still written.
        public static let cannotRotate = Self(.cannotRotate)
    }

    public var code: Code
    public var path: String
    /// What failed and what to do about it, in one line.
    public var message: String
    /// What the system said.
    public var cause: String

    public var description: String { "\(self.path): \(self.message) (\(self.cause))" }
}
