/// The lasting record of a run: JSON Lines, appended to a file.
///
/// Calls block for as long as the disk takes; to be used from a thread that may wait. A write that fails loses the
/// line but not the run: the next one is tried again, and how many were lost is told when one succeeds.
public struct EventLog: ~Copyable {
    public let path: String
    private var file: LogFile
    private var lostCount = 0

    /// What became of a record.
    public enum Outcome: Sendable, Hashable {
        case written
        /// Written after `lost` others could not be.
        case recovered(lost: Int)
        /// Not written, for the first time since the last success. Later failures give ``stillFailing``.
        case failed(String)
        case stillFailing
    }

    /// Opens the log for appending; a torn last line is cut off.
    ///
    /// - Throws: ``LogError`` `cannotOpen`.
    public init(path: String) throws(LogError) {
        self.path = path
        self.file = try LogFile.open(path: path)
    }

    /// Appends the record if it belongs into a log. Returns after the end of an event only when it is on the disk.
    public mutating func append(_ record: Record) -> Outcome {
        guard record.isLogged else { return .written }
        do {
            if !self.file.isStill(at: self.path) { try self.reopen() }
            try self.file.append(line: record.jsonLine, path: self.path)
        } catch {
            self.lostCount += 1
            return self.lostCount == 1 ? .failed("\(error)") : .stillFailing
        }
        if case .event(let event) = record, case .end = event.phase { self.file.synchronize() }
        guard self.lostCount > 0 else { return .written }
        defer { self.lostCount = 0 }
        return .recovered(lost: self.lostCount)
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
