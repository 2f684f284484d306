/// The lasting record of a run: JSON Lines, appended to a file.
///
/// Calls block for as long as the disk takes; to be used from a thread that may wait. A write that fails loses the
/// line but not the run: the next one is tried again, and how many were lost is told when one succeeds.
public struct EventLog: ~Copyable {
    public let path: String
    private var file: LogFile
    private let rotation: LogRotation?
    private var lostCount = 0
    private var cannotRotate = false

    /// What became of a record.
    public enum Outcome: Sendable, Hashable {
        case written
        /// Written after `lost` others could not be.
        case recovered(lost: Int)
        /// Not written, for the first time since the last success. Later failures give ``stillFailing``.
        case failed(String)
        case stillFailing
        /// Written, but the file could not be rotated, for the first time since that last went well.
        case writtenUnrotated(String)
    }

    /// Opens the log for appending; a torn last line is cut off.
    ///
    /// - Parameter rotation: `nil` when the file may grow for ever, or others rotate it.
    /// - Throws: ``LogError`` `cannotOpen`.
    public init(path: String, rotation: LogRotation? = nil) throws(LogError) {
        self.path = path
        self.rotation = rotation
        self.file = try LogFile.open(path: path)
    }

    /// Appends the record if it belongs into a log. Returns after the end of an event only when it is on the disk.
    public mutating func append(_ record: Record) -> Outcome {
        guard record.isLogged else { return .written }
        let line = record.jsonLine
        var problem: String?
        do {
            if !self.file.isStill(at: self.path) { try self.reopen() }
            problem = try self.rotateIfFull(adding: line.utf8.count + 1)
            try self.file.append(line: line, path: self.path)
        } catch {
            self.lostCount += 1
            return self.lostCount == 1 ? .failed("\(error)") : .stillFailing
        }
        if case .event(let event) = record, case .end = event.phase { self.file.synchronize() }
        guard self.lostCount > 0 else { return problem.map { .writtenUnrotated($0) } ?? .written }
        defer { self.lostCount = 0 }
        return .recovered(lost: self.lostCount)
    }

    /// - Returns: Why the file could not be moved away, when that is new.
    /// - Throws: ``LogError`` `cannotOpen`.
    private mutating func rotateIfFull(adding count: Int) throws(LogError) -> String? {
        guard let rotation else { return nil }
        do {
            guard try self.file.rotate(rotation, path: self.path, adding: count) else { return nil }
        } catch {
            // A log that grows is better than none.
            defer { self.cannotRotate = true }
            return self.cannotRotate ? nil : "\(error)"
        }
        self.cannotRotate = false
        try self.reopen()
        LogFile.synchronizeFolder(of: self.path)
        return nil
    }

    /// Opens the path anew, after logrotate has moved the file away.
    public mutating func reopen() throws(LogError) {
        self.file = try LogFile.open(path: self.path)
    }

    /// Returns when everything is on the disk.
    public func synchronize() {
        self.file.synchronize()
    }
}
