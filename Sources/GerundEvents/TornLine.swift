/// The state of the unterminated last line of a log whose writer, or whose machine, stopped at any moment.
enum TornLine: Hashable {
    /// A whole record without its line end.
    case complete
    /// The beginning of a record, or the zeros that a file system leaves where data never reached the disk.
    case torn
    /// Not part of a record.
    case notARecord

    /// The maximum length of a record: thousands of labels of as many tokens as fit.
    static let maximumByteCount = 8 << 20

    /// The first bytes of every record.
    static let recordPrefix = Array(#"{"type":""#.utf8)

    /// Classifies a line.
    ///
    /// - Parameter bytes: The bytes after the file's last line end; at least one.
    init(_ bytes: [UInt8]) {
        guard bytes.count <= Self.maximumByteCount else {
            self = .notARecord
            return
        }
        guard bytes.first != 0 else {
            self = bytes.allSatisfy { $0 == 0 } ? .torn : .notARecord
            return
        }
        let prefix = Self.recordPrefix.prefix(bytes.count)
        guard bytes.starts(with: prefix) else {
            // The bytes of a record's beginning may be followed by zeros.
            let written = bytes.prefix { $0 != 0 }
            let isTorn = prefix.starts(with: written) && bytes.dropFirst(written.count).allSatisfy { $0 == 0 }
            self = isTorn ? .torn : .notARecord
            return
        }
        var depth = 0
        var isInString = false
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            } else if isInString {
                isEscaped = byte == UInt8(ascii: "\\")
            } else if byte == UInt8(ascii: "{") {
                depth += 1
            } else if byte == UInt8(ascii: "}") {
                depth -= 1
            }
        }
        self = depth == 0 && bytes.last == UInt8(ascii: "}") ? .complete : .torn
    }
}
