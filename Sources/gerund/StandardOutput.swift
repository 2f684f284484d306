import Glibc

/// Standard output, with one write per text.
enum StandardOutput {
    /// An error that indicates that the reader has closed standard output.
    struct Closed: Error {}

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// The width of the terminal, in columns; 80 if unknown.
    static var columns: Int {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes a text, waiting for a slow reader; for half a second at most once the task is cancelled.
    ///
    /// - Throws: ``Closed`` if the reader has gone, or reads nothing after the cancellation; ``CommandError`` for any
    ///   other failure, such as a full disk.
    static func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            try self.waitForRoom()
            // A ready pipe has room for a page at least; a longer write would block for the rest.
            let limit = self.isFile ? bytes.count : Int(PIPE_BUF)
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(STDOUT_FILENO, bytes.baseAddress! + done, min(limit, bytes.count - done))
            }
            if count >= 0 { done += count } else { try self.handle(errno) }
        }
    }

    /// A Boolean value that indicates whether standard output is a file, which takes everything with one write.
    private static let isFile = StandardDescriptors.isFile(STDOUT_FILENO)

    /// Waits in steps of 100 ms, because a cancellation doesn't wake a thread that waits for a reader.
    private static func waitForRoom() throws {
        var patience = 5
        while true {
            var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
            let count = unsafe poll(&descriptor, 1, 100)
            // The write reports an error of the descriptor.
            if count > 0 || count < 0 && errno != EINTR { return }
            guard Task.isCancelled else { continue }
            patience -= 1
            if patience == 0 { throw Closed() }
        }
    }

    /// Returns if the write should be repeated.
    private static func handle(_ code: CInt) throws {
        switch code {
        case EINTR, EAGAIN: return
        case EPIPE: throw Closed()
        default:
            throw CommandError(
                status: .failure, message: "cannot write to standard output: \(unsafe String(cString: strerror(code)))")
        }
    }
}
