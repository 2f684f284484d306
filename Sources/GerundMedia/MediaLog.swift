public import Logging

/// Where the messages of libav go.
public enum MediaLog {
    /// Passes libav's messages on: without credentials, with the source's name, each kind once a second at most.
    ///
    /// Until this is called, nothing is passed on. libav is outspoken: `.warning` is for a user who asked for more,
    /// `.info` and below for debugging.
    ///
    /// - Parameter logger: Its level decides what is passed on; it may be changed by calling again.
    public static func send(to logger: Logger) {
        LibAVLog.install(logger: logger)
    }
}
