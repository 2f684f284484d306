import Glibc

/// What the process tells its caller, as documented.
enum ExitStatus: Int32 {
    /// The end of the sources, or `--duration` reached.
    case success = 0
    /// Something broke off while running.
    case failure = 1
    /// The arguments make no sense.
    case usage = 2
    /// No source could be opened.
    case noSource = 3
    /// The model or the labels can't be loaded.
    case noModel = 4
    /// Ended by SIGINT.
    case interrupted = 130
    /// Ended by SIGTERM.
    case terminated = 143

    func leave() -> Never {
        Screen.closeCurrent()
        fflush(nil)
        exit(self.rawValue)
    }
}

/// Ends a command with a status and, unless it is silent, one line on standard error.
struct CommandFailure: Error {
    var status: ExitStatus
    var message: String?
}
