import FoundationEssentials

/// A file of labels: one per line, UTF-8; blank lines and lines that begin with `#` are skipped.
public enum LabelFile {
    /// Far more than the most labels need: a larger file is something else.
    static let maximumByteCount = 1 << 20

    /// - Throws: ``ModelError`` `labels` when the file can't be read, is not UTF-8 or holds no label.
    public static func read(path: String) throws(ModelError) -> [String] {
        let data: Data
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            if attributes[.type] as? FileAttributeType == .typeDirectory {
                throw ModelError(code: .labels, message: "\(path): is a folder: name a file with one label per line")
            }
            if let size = attributes[.size] as? Int, size > self.maximumByteCount {
                throw ModelError(
                    code: .labels, message: "\(path): \(size) bytes are too many for a file with one label per line")
            }
            data = try Data(contentsOf: URL(filePath: path))
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError(
                code: .labels, message: "\(path): cannot read the labels: is the path right and the file readable?",
                cause: error)
        }
        return try self.parse([UInt8](data), path: path)
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
