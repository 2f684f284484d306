/// A file of labels: one per line, UTF-8; blank lines and lines that begin with `#` are skipped.
public enum LabelFile {
    /// Far more than the most labels need: a larger file is something else.
    static let maximumByteCount = 1 << 20

    /// - Throws: ``ModelError`` `labels` when the file can't be read, is not UTF-8 or holds no label.
    public static func read(path: String) throws(ModelError) -> [String] {
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path: path, limit: self.maximumByteCount)
        } catch {
            throw ModelError(code: .labels, message: "\(path): \(Self.message(error))", cause: error)
        }
        return try self.parse(bytes, path: path)
    }

    private static func message(_ error: SmallFile.Failure) -> String {
        switch error {
        case .folder: "is a folder: name a file with one label per line"
        case .tooLarge(let limit): "more than \(limit) bytes are too many for a file with one label per line"
        case .unreadable: "cannot read the labels: is the path right and the file readable?"
        }
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
