import Glibc

/// An error number of the operating system, `errno`.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The value of `errno`, such as `ENOENT`.
    public var number: Int32

    /// Creates an error from a value of `errno`.
    public init(_ number: Int32) {
        self.number = number
    }

    /// The error of the calling thread's last failed system call.
    public static var last: SystemError { SystemError(errno) }

    /// The system's text, such as "No such file or directory".
    public var description: String {
        // glibc's strerror is thread-safe since 2.32: it formats unknown numbers into thread-local memory.
        unsafe strerror(self.number).map { unsafe String(cString: $0) } ?? "error \(self.number)"
    }
}
