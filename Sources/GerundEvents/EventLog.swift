import GerundCore
public import GerundRecords

/// An append-only event log in JSON Lines format.
///
/// Calls block for as long as the disk takes: use it from a thread that may wait. A write that fails loses the record
/// but doesn't end the run: the next record is attempted again, and once one succeeds, the number of lost records is
/// reported.
public struct EventLog: ~Copyable {
    /// A file that serves another purpose in the run and must not be written.
    public struct ProtectedFile: Sendable, Hashable {
        /// The file's path.
        public var path: String
        /// The file's purpose, for the error message, such as "a source" or "standard output".
        public var role: String

        /// Creates a protected file.
        public init(path: String, role: String) {
            self.path = path
            self.role = role
        }
    }

    /// The log's path.
    public let path: String
    private var file: LogFile
    private let rotation: LogRotation?
    private let protectedFiles: [ProtectedFile]
    private var droppedRecordCount = 0
    private var cannotRotate = false

    /// The result of appending a record.
    ///
    /// Messages are for users.
    public enum AppendResult: Sendable, Hashable {
        /// The record was written, or doesn't belong in a log.
        case written
        /// The record was written after others could not be.
        ///
        /// - Parameter lost: The number of records that were lost.
        case recovered(lost: Int)
        /// The record was not written, for the first time since the last success. Later failures give ``stillFailing``.
        case failed(String)
        /// The record was not written, as was the previous one.
        case stillFailing
        /// The record was written, but the file could not be rotated, for the first time since the last success.
        case writtenUnrotated(String)
    }

    /// Opens the log for appending; a torn last line is removed.
    ///
    /// - Parameters:
    ///   - path: The log's path. An existing file must be empty or begin as an event log.
    ///   - rotation: The rule of rotation; `nil` if the file may grow without limit, or is rotated by another program.
    ///   - protectedFiles: Files that the log must not be, whatever their contents are.
    /// - Throws: ``LogError`` with the code `invalidPath`, `cannotOpen`, `notALog` or `inUse`.
    public init(
        path: String, rotation: LogRotation? = nil, protecting protectedFiles: [ProtectedFile] = []
    ) throws(LogError) {
        self.path = path
        self.rotation = rotation
        self.protectedFiles = protectedFiles
        self.file = try LogFile.open(path: path, protecting: protectedFiles)
    }

    /// Appends a record if it belongs in an event log.
    ///
    /// The end of an event is on the disk when the call returns.
    public mutating func append(_ record: Record) -> AppendResult {
        guard record.belongsInEventLog else { return .written }
        let line = record.jsonLine
        var problem: String?
        do {
            if !self.file.isCurrent(at: self.path) { try self.reopen() }
            problem = try self.rotateIfFull(adding: line.utf8.count + 1)
            try self.file.append(line: line, path: self.path)
        } catch {
            self.droppedRecordCount += 1
            return self.droppedRecordCount == 1 ? .failed(error.summary) : .stillFailing
        }
        if case .event(let event) = record, case .ended = event.phase { self.file.synchronize() }
        guard self.droppedRecordCount > 0 else { return problem.map { .writtenUnrotated($0) } ?? .written }
        defer { self.droppedRecordCount = 0 }
        return .recovered(lost: self.droppedRecordCount)
    }

    /// Rotates the file if the next line would exceed its maximum size.
    ///
    /// - Parameter count: The length of the next line, in bytes.
    /// - Returns: Why the file could not be renamed, if that is new.
    /// - Throws: ``LogError`` if the new file can't be opened.
    private mutating func rotateIfFull(adding count: Int) throws(LogError) -> String? {
        guard let rotation else { return nil }
        do {
            guard try self.file.rotate(rotation, path: self.path, adding: count) else { return nil }
        } catch {
            // A log that exceeds its size is better than none.
            defer { self.cannotRotate = true }
            return self.cannotRotate ? nil : error.summary
        }
        self.cannotRotate = false
        try self.reopen()
        LogFile.synchronizeDirectory(of: self.path)
        return nil
    }

    /// Reopens the path, after another program such as logrotate has renamed the file.
    ///
    /// - Throws: ``LogError`` with the code `cannotOpen`, `notALog` or `inUse`. The previous file stays open then.
    public mutating func reopen() throws(LogError) {
        self.file = try LogFile.open(path: self.path, protecting: self.protectedFiles)
    }

    /// Returns when everything that was appended is on the disk.
    public func synchronize() {
        self.file.synchronize()
    }
}
