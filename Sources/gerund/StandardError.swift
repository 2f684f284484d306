import Glibc

/// Standard error: what is not data, a line at a time.
enum StandardError {
    static func write(_ line: String) {
        var text = line + "\n"
        // Nobody is left to be told when this fails.
        text.withUTF8 { bytes in _ = unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }
}
