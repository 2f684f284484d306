import ArgumentParser
import GerundEvents

/// The size of a log file, as the user names it: `512k`, `10M`, `1G`; at least 4k.
struct LogSizeOption: ExpressibleByArgument {
    let bytes: Int

    init?(argument: String) {
        guard let bytes = LogRotation.size(argument) else { return nil }
        self.bytes = bytes
    }
}
