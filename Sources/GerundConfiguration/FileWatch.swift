import Glibc

/// What tells one state of a file from another without reading it.
public struct FileStamp: Sendable, Hashable {
    private let device: UInt64
    private let inode: UInt64
    private let byteCount: Int64
    private let seconds: Int
    private let nanoseconds: Int

    /// - Returns: `nil` for what can't be read twice: no file, or none that stays.
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

/// Decides from look to look whether files were edited and are worth reading again. A pure value.
///
/// Files are read when they have not changed from one look to the next: an editor may write in several steps, or take
/// the file away for a moment.
public struct FileWatch<Stamp: Hashable & Sendable>: Sendable {
    private var read: [Stamp?]
    private var seen: [Stamp?]

    /// - Parameter read: The files as they were when they were read, always in the same order.
    public init(read: [Stamp?]) {
        self.read = read
        self.seen = read
    }

    /// - Parameter stamps: The files as they are now; `nil` for one that isn't there.
    /// - Returns: Whether to read them, which then counts as done.
    public mutating func looked(_ stamps: [Stamp?]) -> Bool {
        defer { self.seen = stamps }
        guard stamps == self.seen, stamps != self.read else { return false }
        let isMissing = zip(stamps, self.read).contains { $0 == nil && $1 != nil }
        guard !isMissing else { return false }
        self.read = stamps
        return true
    }
}
