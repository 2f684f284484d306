public import GerundCore

/// An error that occurs when the system refuses to create another thread.
public struct ThreadCreationError: GerundError, Hashable {
    /// The kind of failure.
    ///
    /// New codes may be added.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String

        /// The process or the user has too many threads.
        public static let limitReached = Self(name: "limitReached")

        private init(name: String) {
            self.name = name
        }
    }

    /// The error of `pthread_create`.
    public let systemError: SystemError

    init(status: Int32) {
        self.systemError = SystemError(status)
    }

    /// The kind of failure.
    public var code: Code { .limitReached }
    /// A description of the failure and its remedy, in one line.
    public var message: String { "cannot create a thread; raise the process limit (ulimit -u)" }
    /// The error of `pthread_create`.
    public var cause: (any Error)? { self.systemError }
}
