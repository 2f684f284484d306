import Glibc

/// A file of labels: one per line, UTF-8; blank lines and lines that begin with `#` are skipped.
public enum LabelFile {
    /// Far more than the most labels need: a larger file is something else.
    static let maximumByteCount = 1 << 20

    /// - Throws: ``ModelError`` `labels` when the file can't be read, is not UTF-8 or holds no label.
    public static func read(path: String) throws(ModelError) -> [String] {
        if self.isFolder(path) {
            throw ModelError(code: .labels, message: "\(path): is a folder: name a file with one label per line")
        }
        // Read up to a limit instead of asking for the size: a pipe has none, and a device may never end.
        guard let bytes = self.read(path, limit: self.maximumByteCount + 1) else {
            throw ModelError(
                code: .labels, message: "\(path): cannot read the labels: is the path right and the file readable?")
        }
        guard bytes.count <= self.maximumByteCount else {
            throw ModelError(
                code: .labels,
                message:
                    "\(path): more than \(self.maximumByteCount) bytes are too many for a file with one label per line")
        }
        return try self.parse(bytes, path: path)
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// At most `limit` bytes from the beginning; `nil` when the system refuses.
    private static func read(_ path: String, limit: Int) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < limit {
            let count = unsafe Glibc.read(descriptor, &block, min(block.count, limit - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += block[..<count]
        }
        return bytes
    }

    /// - Parameter path: For messages.
    static func parse(_ bytes: [UInt8], path: String) throws(ModelError) -> [String] {
        var labels: [String] = []
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            guard var text = String(validating: line, as: UTF8.self) else {
                throw ModelError(
                    code: .labels, message: "\(path), line \(index + 1): not UTF-8: save the file as UTF-8")
            }
            if index == 0, text.unicodeScalars.first == "\u{feff}" { text.unicodeScalars.removeFirst() }
            let label = text.trimmed
            if !label.isEmpty, !label.hasPrefix("#") { labels.append(label) }
        }
        guard !labels.isEmpty else {
            throw ModelError(code: .labels, message: "\(path): holds no label: write one per line")
        }
        return labels
    }
}

extension String {
    fileprivate var trimmed: String {
        let start = self.drop(while: \.isWhitespace)
        return start.lastIndex { !$0.isWhitespace }.map { String(start[...$0]) } ?? ""
    }
}
