import GerundEngine
import GerundEvents
import GerundStream
import GerundTerminal

/// Writes records to standard output and to the event log, on a thread of its own: both may block.
actor RecordWriter: RecordSink {
    enum Format {
        case text(TextRenderer)
        /// - Parameter changesOnly: Whether labels that repeat are left out.
        case jsonLines(changesOnly: Bool)
        case screen(Screen)
    }

    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    private var format: Format
    private var log: EventLog?
    private var labels = LabelChanges()
    /// Whether the reader has gone: from then on only the log is written.
    private var isClosed = false

    /// - Throws: ``CommandFailure`` when the system has no thread to give or the log can't be opened.
    init(format: Format, logPath: String?, rotation: LogRotation? = nil) throws {
        guard let executor = ThreadExecutor(name: "output") else {
            throw CommandFailure(status: .failure, message: "the system refuses another thread: raise its limit")
        }
        self.executor = executor
        self.format = format
        do {
            self.log = try logPath.map { path throws(LogError) in try EventLog(path: path, rotation: rotation) }
        } catch {
            throw CommandFailure(status: .failure, message: "\(error)")
        }
    }

    func take(_ record: Record) throws {
        // First what lasts: also a run whose reader has gone leaves a complete log.
        self.logRecord(record)
        guard !self.isClosed else { throw StandardOutput.Closed() }
        do {
            try self.print(record)
        } catch {
            self.isClosed = true
            throw error
        }
    }

    private func print(_ record: Record) throws {
        switch self.format {
        case .screen(let screen):
            try screen.take(record)
        case .jsonLines(let changesOnly):
            if changesOnly, !self.labels.isChange(record) { return }
            try StandardOutput.write(record.jsonLine + "\n")
        case .text(var renderer):
            renderer.style.columns = StandardOutput.columns
            let text = renderer.recordArrived(record, at: .now)
            self.format = .text(renderer)
            if !text.isEmpty { try StandardOutput.write(text) }
        }
    }

    /// Everything was said: the terminal is left as it was found, the log is on the disk.
    func finish() throws {
        if self.log != nil { self.log?.synchronize() }
        if case .screen(let screen) = self.format { screen.close() }
        guard !self.isClosed, case .text(var renderer) = self.format else { return }
        let text = renderer.ended()
        self.format = .text(renderer)
        if !text.isEmpty { try StandardOutput.write(text) }
    }

    /// Opens the log anew: it was moved away.
    func reopenLog() {
        do {
            try self.log?.reopen()
        } catch {
            StandardError.write("gerund: \(error)")
        }
    }

    private func logRecord(_ record: Record) {
        switch self.log?.append(record) {
        case .failed(let message): StandardError.write("gerund: \(message); recognition goes on")
        case .recovered(let lost): StandardError.write("gerund: the log is written again; \(lost) records were lost")
        case .writtenUnrotated(let message): StandardError.write("gerund: \(message)")
        case .written, .stillFailing, nil: break
        }
    }
}
