import Glibc

/// Reads files that people write: lists, settings.
package enum SmallFile {
    /// Why a file could not be read.
    package enum Failure: Error, Hashable, Sendable {
        /// A folder where a file belongs.
        case folder
        /// More bytes than the limit.
        case tooLarge(limit: Int)
        /// What the system said.
        case unreadable(String)
    }

    /// The whole file. Blocks while it reads.
    ///
    /// - Parameter limit: In bytes; a larger file is something else.
    package static func read(path: String, limit: Int) throws(Failure) -> [UInt8] {
        guard !self.isFolder(path) else { throw .folder }
        // Read up to a limit instead of asking for the size: a pipe has none, and a device may never end.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(self.systemMessage()) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= limit {
            let count = unsafe Glibc.read(descriptor, &block, min(block.count, limit + 1 - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(self.systemMessage()) }
            if count == 0 { return bytes }
            bytes += block[..<count]
        }
        throw .tooLarge(limit: limit)
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func systemMessage() -> String {
        unsafe String(cString: strerror(errno))
    }
}
