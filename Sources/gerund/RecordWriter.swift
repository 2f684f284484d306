import GerundCore
import GerundEngine
import GerundEvents
import GerundRecords
import GerundStream
import GerundTerminal

/// An actor that writes records to standard output and to the event log, on a dedicated thread because both may block.
actor RecordWriter: RecordSink {
    enum Format {
        case text(TextRenderer)
        /// - Parameter changesOnly: Whether to skip labels that repeat the one before.
        case jsonLines(changesOnly: Bool)
        case screen(Screen)
    }

    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    private var format: Format
    private var log: EventLog?
    private var labels = LabelDeduplicator()
    /// A Boolean value that indicates whether the reader has closed standard output.
    ///
    /// From then on, only the log is written.
    private var isClosed = false

    /// Opens the log.
    ///
    /// - Parameters:
    ///   - format: The format of the output.
    ///   - logPath: The path of the event log; `nil` for none.
    ///   - rotation: The rotation of the log. The default is no rotation.
    ///   - protectedFiles: Files that must not be used as the log. The default is empty.
    /// - Throws: ``ThreadCreationError``; ``LogError`` if the log can't be opened.
    init(
        format: Format, logPath: String?, rotation: LogRotation? = nil,
        protecting protectedFiles: [EventLog.ProtectedFile] = []
    ) throws {
        self.executor = try ThreadExecutor(name: "output")
        self.format = format
        self.log = try logPath.map { try EventLog(path: $0, rotation: rotation, protecting: protectedFiles) }
    }

    func write(_ record: Record) throws {
        // The log comes first: it is complete even if the reader has gone.
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
            try screen.write(record)
        case .jsonLines(let changesOnly):
            if changesOnly, !self.labels.shouldEmit(record) { return }
            try StandardOutput.write(record.jsonLine + "\n")
        case .text(var renderer):
            renderer.capabilities.columns = StandardOutput.columns
            let text = renderer.recordArrived(record, at: .now)
            self.format = .text(renderer)
            if !text.isEmpty { try StandardOutput.write(text) }
        }
    }

    /// Ends the output: restores the terminal and synchronizes the log with the disk.
    func finish() throws {
        if self.log != nil { self.log?.synchronize() }
        if case .screen(let screen) = self.format { screen.close() }
        guard !self.isClosed, case .text(var renderer) = self.format else { return }
        let text = renderer.ended()
        self.format = .text(renderer)
        if !text.isEmpty { try StandardOutput.write(text) }
    }

    /// Reopens the log, which may have been renamed.
    func reopenLog() {
        do {
            try self.log?.reopen()
        } catch {
            StandardError.write("gerund: \(error.summary)")
        }
    }

    private func logRecord(_ record: Record) {
        switch self.log?.append(record) {
        case .failed(let message): StandardError.write("gerund: \(message) (continuing)")
        case .recovered(let lost): StandardError.write("gerund: log writable again; \(lost) records lost")
        case .writtenUnrotated(let message): StandardError.write("gerund: \(message)")
        case .written, .stillFailing, nil: break
        }
    }
}
