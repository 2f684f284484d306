import Glibc

/// The descriptors of standard input, output and error.
enum StandardDescriptors {
    /// Opens `/dev/null` for each descriptor that is closed.
    ///
    /// This method must be called before anything else is opened.
    ///
    /// A program may be started without one of them (`>&-`). The first file that is opened then gets its number, and
    /// records would go into a log, or into the system's own descriptors. `/dev/null` is opened for the wrong
    /// direction, so that reading and writing fail as they should.
    static func openMissing() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            guard fcntl(descriptor, F_GETFD) < 0, errno == EBADF else { continue }
            // The system assigns the lowest free number: this one.
            _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// The descriptors that are redirected to or from files, each with the path that leads to its file.
    ///
    /// Two writers with separate positions overwrite each other's lines in a file.
    static var files: [(path: String, name: String)] {
        [
            (STDIN_FILENO, "/dev/stdin", "standard input"), (STDOUT_FILENO, "/dev/stdout", "standard output"),
            (STDERR_FILENO, "/dev/stderr", "standard error"),
        ].filter { self.isFile($0.0) }.map { (path: $0.1, name: $0.2) }
    }

    /// Returns a Boolean value that indicates whether a descriptor is a regular file, not a pipe or terminal.
    static func isFile(_ descriptor: CInt) -> Bool {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
