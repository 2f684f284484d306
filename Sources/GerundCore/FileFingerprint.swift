import Glibc

/// The identity, size and modification time of a file, which distinguish its states without reading it.
public struct FileFingerprint: Sendable, Hashable {
    private let device: UInt64
    private let inode: UInt64
    private let byteCount: Int64
    private let seconds: Int
    private let nanoseconds: Int

    /// Creates the fingerprint of the file at a path; `nil` if there is no regular file.
    ///
    /// - Parameter path: The path of the file.
    public init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        self.device = UInt64(status.st_dev)
        self.inode = UInt64(status.st_ino)
        self.byteCount = Int64(status.st_size)
        self.seconds = status.st_mtim.tv_sec
        self.nanoseconds = status.st_mtim.tv_nsec
    }
}
