import GerundRecords

/// The state of the unterminated last line of a log whose writer, or whose machine, stopped at any moment.
enum TornLine: Hashable {
    /// A whole record without its line end.
    case complete
    /// The beginning of a record, or the zeros that a file system leaves where data never reached the disk.
    case torn
    /// Text that isn't part of a record.
    case notARecord

    /// The maximum length of a record: thousands of labels of as many tokens as fit.
    static let maximumByteCount = 8 << 20

    /// The first bytes of the records of a run, of each type.
    ///
    /// They include the name of the second member, because other programs' JSON begins with a type as well: GeoJSON, or
    /// the package file of a JavaScript module.
    static let recordPrefixes = [
        (RunRecord.recordType, "schema"), (LabelRecord.recordType, "source"), (EventRecord.recordType, "phase"),
        (SourceRecord.recordType, "source"), (FramesDroppedRecord.recordType, "source"),
        (AuditRecord.recordType, "source"), (SummaryRecord.recordType, "source"),
    ].map { type, member in Array(#"{"type":"\#(type)","\#(member)":"#.utf8) }

    /// The length of the longest of the ``recordPrefixes``.
    static let maximumPrefixLength = recordPrefixes.map(\.count).max() ?? 0

    /// Returns whether bytes are the beginning of a record, as far as they go.
    static func isRecordBeginning(_ bytes: some Collection<UInt8>) -> Bool {
        self.recordPrefixes.contains { bytes.starts(with: $0.prefix(bytes.count)) }
    }

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
        guard Self.isRecordBeginning(bytes) else {
            // The bytes of a record's beginning may be followed by zeros.
            let written = bytes.prefix { $0 != 0 }
            let isTorn = Self.isRecordBeginning(written) && bytes.dropFirst(written.count).allSatisfy { $0 == 0 }
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
