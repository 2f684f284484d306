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

    /// Writes all of it, and waits for a reader that is slow.
    ///
    /// - Throws: ``Closed`` when the reader has gone; ``CommandFailure`` for any other failure, such as a full disk.
    static func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while unsafe !rest.isEmpty {
                let count = unsafe Glibc.write(STDOUT_FILENO, rest.baseAddress, rest.count)
                if count >= 0 {
                    unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                } else {
                    try self.handle(errno)
                }
            }
        }
    }

    /// Returns when the write is worth another try.
    private static func handle(_ code: CInt) throws {
        switch code {
        case EINTR: return
        case EAGAIN:
            var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
            unsafe poll(&descriptor, 1, -1)
        case EPIPE: throw Closed()
        default:
            throw CommandFailure(
                status: .failure, message: "cannot write to standard output: \(unsafe String(cString: strerror(code)))")
        }
    }
}
