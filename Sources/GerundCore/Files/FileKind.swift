import Glibc

/// The type of the file at a path, with symbolic links resolved.
package enum FileKind: Hashable, Sendable {
    /// A regular file.
    case regular
    /// A directory.
    case directory
    /// A pipe, a socket or a device.
    case special
    /// There is no file at the path, or it is a dangling symbolic link.
    case missing

    /// Determines the type of the file at a path.
    ///
    /// - Parameter path: An absolute path, or one relative to the working directory.
    /// - Throws: ``SystemError`` if the type can't be determined, for example without search permission on a directory.
    package init(path: String) throws(SystemError) {
        var status = stat()
        if unsafe stat(path, &status) == 0 {
            self.init(mode: status.st_mode)
        } else if errno == ENOENT || errno == ENOTDIR {
            self = .missing
        } else {
            throw SystemError.last
        }
    }

    /// Creates the type from `st_mode` of `stat(2)`.
    package init(mode: UInt32) {
        self =
            switch mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            default: .special
            }
    }
}
