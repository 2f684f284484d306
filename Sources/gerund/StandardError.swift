import GerundCore
import Glibc
import Synchronization

/// Standard error: messages, one line at a time.
enum StandardError {
    private struct Redirection: Sendable {
        var lines: [String] = []
        let show: @Sendable (String) -> Void
    }

    private static let redirection = Mutex<Redirection?>(nil)
    /// The maximum number of lines that are kept while a full-screen view is shown.
    private static let maximumLineCount = 1000

    /// Writes a line, or shows it in the full-screen view.
    static func write(_ line: String) {
        // A message may quote an argument or a file name.
        let line = line.sanitized
        let isTerminal = self.isTerminal
        let show = self.redirection.withLock { redirection in
            if isTerminal, let count = redirection?.lines.count, count < self.maximumLineCount {
                redirection?.lines.append(line)
            }
            return redirection?.show
        }
        show?(line)
        if show == nil || !isTerminal { self.put(line) }
    }

    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Shows lines in a full-screen view from now on.
    ///
    /// Those for the terminal are kept until ``restore()``.
    static func redirect(to show: @escaping @Sendable (String) -> Void) {
        self.redirection.withLock { $0 = Redirection(show: show) }
    }

    /// Ends the redirection and writes the lines that were kept.
    static func restore() {
        let lines = self.redirection.withLock { $0.take()?.lines } ?? []
        for line in lines { self.put(line) }
    }

    private static func put(_ line: String) {
        var text = line + "\n"
        // A failure can't be reported anywhere.
        text.withUTF8 { bytes in _ = unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }
}
