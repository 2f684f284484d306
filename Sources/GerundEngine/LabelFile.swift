import GerundCore

/// A file of labels: one per line, in UTF-8.
///
/// Blank lines and lines that begin with `#` are skipped.
public enum LabelFile {
    /// The maximum size, in bytes: far more than the maximum number of labels needs.
    ///
    /// A larger file isn't a label file.
    static let maximumByteCount = 1 << 20

    /// Returns the labels of a file, in its order.
    ///
    /// - Parameter path: The path of a file or pipe.
    /// - Returns: The labels, at least one.
    /// - Throws: ``ModelError`` with the code `labels` if the file can't be read, isn't UTF-8 or contains no labels.
    public static func read(path: String) throws(ModelError) -> [String] {
        let text: String
        do {
            text = try TextFile.read(path: path, limit: self.maximumByteCount)
        } catch {
            throw ModelError(code: .labels, wrapping: error)
        }
        let lines = text.unicodeScalars.split(separator: "\n").map { String($0).trimmed }
        let labels = lines.filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard !labels.isEmpty else {
            throw ModelError(code: .labels, subject: path, message: "contains no labels (expected one per line)")
        }
        return labels
    }
}
