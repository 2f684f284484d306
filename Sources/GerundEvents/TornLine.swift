/// What became of the last line of a log whose writer, or whose machine, stopped at any moment.
enum TornLine: Hashable {
    /// A whole record without its line end.
    case complete
    /// The beginning of a record, or the zeros that a file system leaves where data never reached the disk.
    case torn
    /// Never a record of ours.
    case foreign

    /// No record is longer: thousands of labels of all tokens that fit.
    static let maximumByteCount = 8 << 20

    /// - Parameter bytes: What follows the file's last line end; at least one byte.
    init(_ bytes: [UInt8]) {
        guard let first = bytes.first, bytes.count <= Self.maximumByteCount, first == UInt8(ascii: "{") || first == 0
        else {
            self = .foreign
            return
        }
        var isInString = false
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            } else {
                isEscaped = isInString && byte == UInt8(ascii: "\\")
            }
        }
        // Records hold no objects: outside of strings, only the last byte is a brace.
        self = !isInString && bytes.last == UInt8(ascii: "}") && first != 0 ? .complete : .torn
    }
}
