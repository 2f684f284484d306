import GerundConfiguration
import GerundEngine
import GerundMedia
import GerundStream

/// Reads the files of settings and labels again, when they are edited or somebody asks for it, and tells the run what
/// is new. Works on a thread of its own: files may be slow.
actor SettingsReloader {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    private let file: SettingsFile
    private let sources: CurrentSources
    private let changes: AsyncStream<RecognizerChange>.Continuation
    /// What the run does now, as far as it was told.
    private var setup: WatchSetup
    private var watch: FileWatch<FileStamp>

    private static let interval: Duration = .milliseconds(500)

    /// - Parameter read: The files before they were read.
    /// - Throws: ``CommandFailure`` when the system has no thread to give.
    init(
        file: SettingsFile, read: [FileStamp?], setup: WatchSetup, sources: CurrentSources,
        changes: AsyncStream<RecognizerChange>.Continuation
    ) throws {
        guard let executor = ThreadExecutor(name: "settings") else {
            throw CommandFailure(status: .failure, message: "the system refuses another thread: raise its limit")
        }
        self.executor = executor
        self.file = file
        self.setup = setup
        self.sources = sources
        self.changes = changes
        self.watch = FileWatch(read: read)
    }

    /// Looks for edits until the task is cancelled.
    func watchFiles() async {
        guard !self.file.paths.isEmpty || self.setup.settings.labelsFile != nil else { return }
        while (try? await Task.sleep(for: Self.interval)) != nil {
            if self.watch.looked(self.file.stamps(with: self.setup.settings)) { self.reload() }
        }
    }

    /// Reads everything again. What is wrong is told in one line, and changes nothing.
    func reload() {
        // Before they are read: what is edited meanwhile is worth another look.
        self.watch = FileWatch(read: self.file.stamps(with: self.setup.settings))
        do {
            try self.adopt(self.setup.changed(to: try self.file.read()))
        } catch {
            StandardError.write("gerund: \(Self.oneLine(error)); everything stays as it was")
        }
    }

    private func adopt(_ new: WatchSetup) throws(ConfigurationError) {
        let change = try SettingsChange(from: self.setup.settings, to: new.settings)
        let (old, now) = (self.setup.configuration, new.configuration)
        new.reportUnknownThresholds(since: self.setup)
        self.setup = new
        let labels = Self.summary(from: old.labels, to: now.labels)
        let thresholds = old.thresholds == now.thresholds && old.smoothing == now.smoothing ? "" : "other thresholds"
        let news = [change.summary, labels, thresholds].filter { !$0.isEmpty }
        guard !news.isEmpty else { return }

        let removed = change.removed + change.changed.map(\.id)
        let added = (change.changed + change.added).map(new.source)
        self.sources.change(removing: removed, adding: added)
        self.changes.yield(
            RecognizerChange(
                removed: removed, added: added, labels: now.labels, thresholds: now.thresholds,
                smoothing: now.smoothing))
        StandardError.write("gerund: settings were read again: \(news.joined(separator: "; "))")
    }

    private static func summary(from old: LabelSet, to new: LabelSet) -> String {
        guard old != new else { return "" }
        let gone = Set(old.labels).subtracting(new.labels).count
        let added = Set(new.labels).subtracting(old.labels).count
        let counts = [added > 0 ? "\(added) new" : "", gone > 0 ? "\(gone) gone" : ""].filter { !$0.isEmpty }
        return counts.isEmpty
            ? "other order of labels or other background" : "labels: " + counts.joined(separator: ", ")
    }

    private static func oneLine(_ error: any Error) -> String {
        switch error {
        case let error as ConfigurationError:
            let more = error.problems.count - 1
            let rest = more == 0 ? "" : more == 1 ? "; 1 problem more" : "; \(more) problems more"
            return "\(error.problems[0])\(rest)"
        case let failure as CommandFailure: return failure.message ?? "the settings can't be read"
        default: return "\(error)"
        }
    }
}
