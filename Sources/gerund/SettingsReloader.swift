import GerundCore
import GerundEngine
import GerundMedia
import GerundSettings
import GerundStream

/// Reloads configuration and label files when they are edited or on request, and applies the changes to the run.
///
/// The reloader works on a dedicated thread, because reading files may block.
actor SettingsReloader {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    private let loader: SettingsLoader
    private let controller: RunController
    /// The configuration that the run applied last.
    private var configuration: WatchConfiguration
    /// The settings that were read last, whether the run applied them or not.
    ///
    /// The label file that they name is watched: correcting it may make them valid.
    private var loaded: Settings
    private var detector: FileChangeDetector<FileFingerprint>
    /// The task of the reload that was requested last.
    ///
    /// Reloads run one at a time, in order.
    private var reloading: Task<Void, Never>?

    private static let interval: Duration = .milliseconds(500)

    /// Creates a reloader.
    ///
    /// - Parameters:
    ///   - loader: The loader of the files.
    ///   - fingerprints: The fingerprints of the files before they were read.
    ///   - configuration: The configuration with which the run starts.
    ///   - controller: The controller of the run.
    /// - Throws: ``ThreadCreationError``.
    init(
        loader: SettingsLoader, fingerprints: [FileFingerprint?], configuration: WatchConfiguration,
        controller: RunController
    ) throws(ThreadCreationError) {
        self.executor = try ThreadExecutor(name: "settings")
        self.loader = loader
        self.configuration = configuration
        self.loaded = configuration.settings.given
        self.controller = controller
        self.detector = FileChangeDetector(read: fingerprints)
    }

    private var given: Settings { self.configuration.settings.given }

    /// Reloads files after edits until the task is cancelled.
    func watchFiles() async {
        guard !self.loader.paths.isEmpty || self.given.labelsFile != nil else { return }
        while (try? await Task.sleep(for: Self.interval)) != nil { await self.poll() }
    }

    /// Reloads the files if they have been edited, and haven't changed since the poll before.
    func poll() async {
        if self.detector.poll(self.loader.fingerprints(with: self.loaded)) == .read { await self.reload() }
    }

    /// Reloads all files.
    ///
    /// An error is reported in one line and changes nothing.
    func reload() async {
        let task = Task { [reloading] in
            await reloading?.value
            await self.readAndApply()
        }
        self.reloading = task
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private func readAndApply() async {
        // Before reading: an edit that happens meanwhile causes another reload.
        let files = self.loader.fingerprints()
        self.detector = FileChangeDetector(read: self.withLabelFile(files))
        do {
            self.loaded = try self.loader.load()
            self.detector = FileChangeDetector(read: self.withLabelFile(files))
            try await self.apply(WatchConfiguration(self.loaded, model: self.configuration.model))
        } catch {
            let summary = (error as? any GerundError)?.summary ?? "\(error)"
            StandardError.write("gerund: \(summary); keeping the current configuration")
        }
    }

    /// Returns the fingerprints of the configuration files, followed by that of the label file as it is now.
    private func withLabelFile(_ files: [FileFingerprint?]) -> [FileFingerprint?] {
        files + self.loader.fingerprints(with: self.loaded).dropFirst(files.count)
    }

    private func apply(_ new: WatchConfiguration) async throws {
        let diff = try SettingsDiff(from: self.given, to: new.settings.given)
        let (old, now) = (self.configuration.recognizer, new.recognizer)
        let changes = [
            diff.summary, Self.summary(from: old.labels, to: now.labels),
            old.thresholds == now.thresholds && old.smoothing == now.smoothing ? "" : "thresholds changed",
        ].filter { !$0.isEmpty }
        if !changes.isEmpty {
            let update = RecognizerUpdate(
                removed: diff.removed + diff.changed.map(\.id), added: (diff.changed + diff.added).map(new.source),
                labels: now.labels, thresholds: now.thresholds, smoothing: now.smoothing)
            guard try await self.controller.apply(update) == .applied else { return }
            StandardError.write("gerund: configuration reloaded: \(changes.joined(separator: "; "))")
        }
        new.reportUnknownThresholds(since: self.configuration)
        self.configuration = new
    }

    private static func summary(from old: LabelSet, to new: LabelSet) -> String {
        guard old != new else { return "" }
        let added = Set(new.labels).subtracting(old.labels).count
        let removed = Set(old.labels).subtracting(new.labels).count
        let counts = [(added, "added"), (removed, "removed")].filter { $0.0 > 0 }
        guard !counts.isEmpty else { return "order of labels or background changed" }
        return counts.enumerated().map { index, count in
            let noun = index > 0 ? "" : count.0 == 1 ? "label " : "labels "
            return "\(count.0) \(noun)\(count.1)"
        }.joined(separator: ", ")
    }
}
