import Glibc

/// Reads small text files that users edit, such as label lists and configurations.
public enum TextFile {
    /// Returns the contents of a UTF-8 file, without a byte order mark.
    ///
    /// Blocks the calling thread until the file has been read. Pipes and devices are read to their end.
    ///
    /// - Parameters:
    ///   - path: An absolute path, or one relative to the working directory.
    ///   - limit: The maximum size, in bytes; a larger file throws `tooLarge`.
    /// - Returns: The text.
    /// - Throws: ``TextFileError``.
    public static func read(path: String, limit: Int) throws(TextFileError) -> String {
        try self.decode(self.readBytes(path: path, limit: limit), path: path)
    }

    /// Decodes a file's contents as UTF-8, without a byte order mark.
    ///
    /// - Parameters:
    ///   - bytes: The file's contents.
    ///   - path: The file's path, for error messages.
    /// - Returns: The text.
    /// - Throws: ``TextFileError`` with the code `invalidEncoding`, whose `line` is the first invalid one.
    public static func decode(_ bytes: [UInt8], path: String) throws(TextFileError) -> String {
        guard var text = String(validating: bytes, as: UTF8.self) else {
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
            throw TextFileError(
                .invalidEncoding, path: path, line: index + 1, "invalid UTF-8: save the file as UTF-8")
        }
        if text.unicodeScalars.first == "\u{feff}" { text.unicodeScalars.removeFirst() }
        return text
    }

    /// Returns the contents of a file.
    ///
    /// Blocks the calling thread until the file has been read.
    ///
    /// - Parameters:
    ///   - path: An absolute path, or one relative to the working directory.
    ///   - limit: The maximum size, in bytes; a larger file throws `tooLarge`.
    /// - Returns: The bytes.
    /// - Throws: ``TextFileError`` with any code except `invalidEncoding`.
    public static func readBytes(path: String, limit: Int) throws(TextFileError) -> [UInt8] {
        // The system would truncate a path at a NUL.
        let descriptor = path.utf8.contains(0) ? -1 : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.error(path.utf8.contains(0) ? SystemError(ENOENT) : .last, path) }
        defer { close(descriptor) }
        // Reads up to the limit instead of asking for the size: a pipe has none, and a device may never end.
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= limit {
            let count = unsafe Glibc.read(descriptor, &block, min(block.count, limit + 1 - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.error(.last, path) }
            if count == 0 { return bytes }
            bytes += block[..<count]
        }
        throw TextFileError(.tooLarge, path: path, "larger than \(limit) bytes")
    }

    private static func error(_ cause: SystemError, _ path: String) -> TextFileError {
        switch cause.number {
        case EISDIR: TextFileError(.isDirectory, path: path, "is a directory, expected a file")
        case ENOENT, ENOTDIR: TextFileError(.notFound, path: path, "no such file")
        default: TextFileError(.unreadable, path: path, "cannot read the file", cause: cause)
        }
    }
}
