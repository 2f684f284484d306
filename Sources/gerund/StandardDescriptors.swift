import Glibc

/// The descriptors of standard input, output and error.
enum StandardDescriptors {
    /// Opens `/dev/null` for each descriptor that is closed.
    ///
    /// Must be called before anything else is opened.
    ///
    /// A program may be started without one of them (`>&-`). The first file that is opened then gets its number, and
    /// records would go into a log, or into the system's own descriptors. `/dev/null` is opened for the wrong direction,
    /// so that reading and writing fail as they should.
    static func openMissing() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            guard fcntl(descriptor, F_GETFD) < 0, errno == EBADF else { continue }
            // The system assigns the lowest free number: this one.
            _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}
