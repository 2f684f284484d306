import Glibc

/// Standard output, with one write for each piece of text.
enum StandardOutput {
    /// The reader is gone: nothing can be said any more.
    struct Closed: Error {}

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// The terminal's width, in characters; 80 when it doesn't tell.
    static var columns: Int {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes all of it, and waits for a reader that is slow; but not for ever once the task is cancelled.
    ///
    /// - Throws: ``Closed`` when the reader has gone, or reads nothing while the program is to end; ``CommandFailure``
    ///   for any other failure, such as a full disk.
    static func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            try self.waitForRoom()
            // What is ready has room for a page at least: a longer piece would wait inside the system for the rest.
            let limit = self.isFile ? bytes.count : Int(PIPE_BUF)
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(STDOUT_FILENO, bytes.baseAddress! + done, min(limit, bytes.count - done))
            }
            if count >= 0 { done += count } else { try self.handle(errno) }
        }
    }

    /// A file takes everything at once, with one write.
    private static let isFile: Bool = {
        var status = stat()
        return unsafe fstat(STDOUT_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }()

    /// Waits in steps, because nothing else wakes a thread that waits for a reader when the program is to end.
    private static func waitForRoom() throws {
        var patience = 5
        while true {
            var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
            let count = unsafe poll(&descriptor, 1, 100)
            // Also an error is room: the write tells it.
            if count > 0 || count < 0 && errno != EINTR { return }
            guard Task.isCancelled else { continue }
            patience -= 1
            if patience == 0 { throw Closed() }
        }
    }

    /// Returns when the write is worth another try.
    private static func handle(_ code: CInt) throws {
        switch code {
        case EINTR, EAGAIN: return
        case EPIPE: throw Closed()
        default:
            throw CommandFailure(
                status: .failure, message: "cannot write to standard output: \(unsafe String(cString: strerror(code)))")
        }
    }
}
