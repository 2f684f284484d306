import ArgumentParser
import GerundMedia
import Logging

/// How much is told on standard error besides errors.
struct LogOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Also show what FFmpeg says about the sources, without credentials.")
    var verbose = false

    /// To be called before the first source is opened.
    func apply() {
        guard self.verbose else { return }
        var logger = Logger(label: "ffmpeg", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .info
        MediaLog.send(to: logger)
    }
}
