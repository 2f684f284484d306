import Glibc
import Synchronization

/// Standard error: what is not data, a line at a time.
enum StandardError {
    private struct Holding: Sendable {
        var lines: [String] = []
        let show: @Sendable (String) -> Void
    }

    private static let holding = Mutex<Holding?>(nil)
    /// More than anybody would read.
    private static let heldLimit = 1000

    static func write(_ line: String) {
        let show = self.holding.withLock { holding in
            if self.isTerminal, let count = holding?.lines.count, count < self.heldLimit { holding?.lines.append(line) }
            return holding?.show
        }
        show?(line)
        if show == nil || !self.isTerminal { self.put(line) }
    }

    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// From now on a full-screen view shows the lines: at the same terminal, they are written when it is gone.
    static func hold(_ show: @escaping @Sendable (String) -> Void) {
        self.holding.withLock { $0 = Holding(show: show) }
    }

    /// Writes what was held back.
    static func release() {
        let lines = self.holding.withLock { $0.take()?.lines } ?? []
        for line in lines { self.put(line) }
    }

    private static func put(_ line: String) {
        var text = line + "\n"
        // Nobody is left to be told when this fails.
        text.withUTF8 { bytes in _ = unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }
}
