import GerundCore
import GerundEngine
import GerundMedia
import GerundSettings
import GerundStream

/// Reloads configuration and label files when they are edited or on request, and applies the changes to the run.
///
/// Works on a thread of its own, because reading files may block.
actor SettingsReloader {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    private let loader: SettingsLoader
    private let controller: RunController
    /// The configuration that the run adopted last.
    private var configuration: WatchConfiguration
    private var detector: FileChangeDetector<FileFingerprint>
    /// The reload that was requested last.
    ///
    /// Each waits for the one before.
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
        self.controller = controller
        self.detector = FileChangeDetector(read: fingerprints)
    }

    private var given: Settings { self.configuration.settings.given }

    /// Reloads files after edits until the task is cancelled.
    func watchFiles() async {
        guard !self.loader.paths.isEmpty || self.given.labelsFile != nil else { return }
        while (try? await Task.sleep(for: Self.interval)) != nil {
            if self.detector.poll(self.loader.fingerprints(with: self.given)) == .read { await self.reload() }
        }
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
        self.detector = FileChangeDetector(read: self.loader.fingerprints(with: self.given))
        do {
            try await self.apply(WatchConfiguration(self.loader.load(), model: self.configuration.model))
        } catch {
            let summary = (error as? any GerundError)?.summary ?? "\(error)"
            StandardError.write("gerund: \(summary); keeping the current configuration")
        }
    }

    private func apply(_ new: WatchConfiguration) async throws {
        let diff = try SettingsDiff(from: self.given, to: new.settings.given)
        let (old, now) = (self.configuration.recognizer, new.recognizer)
        let news = [
            diff.summary, Self.summary(from: old.labels, to: now.labels),
            old.thresholds == now.thresholds && old.smoothing == now.smoothing ? "" : "thresholds changed",
        ].filter { !$0.isEmpty }
        if !news.isEmpty {
            let update = RecognizerUpdate(
                removed: diff.removed + diff.changed.map(\.id), added: (diff.changed + diff.added).map(new.source),
                labels: now.labels, thresholds: now.thresholds, smoothing: now.smoothing)
            guard try await self.controller.apply(update) == .adopted else { return }
            StandardError.write("gerund: configuration reloaded: \(news.joined(separator: "; "))")
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
