import Glibc

/// The descriptors of standard input, output and error.
enum StandardDescriptors {
    /// Sees to it that each stands for something, before anything else is opened.
    ///
    /// A program may be started without one of them (`>&-`). What is opened first then gets its number, and records
    /// would go into a log, or into the system's own descriptors. In its place comes `/dev/null`, opened for the wrong
    /// direction, so that reading and writing fail as they should.
    static func fillGaps() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            guard fcntl(descriptor, F_GETFD) < 0, errno == EBADF else { continue }
            // The lowest number that is free: this one.
            _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}
