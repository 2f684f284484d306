public import Logging

/// The destination of libav's log messages.
public enum MediaLog {
    /// Sends libav's log messages to a logger: without credentials, with the source's name as metadata, and each kind
    /// of message at most once per second.
    ///
    /// Until this is called, libav's messages are discarded. libav logs a lot: `.warning` is meant for a user who asked
    /// for more, `.info` and below for debugging. The log belongs to the process: this applies to every source.
    ///
    /// - Parameter logger: The logger. Its level selects the messages; call this again to change it.
    public static func send(to logger: Logger) {
        LibAVLog.install(logger: logger)
    }
}
