public import GerundCore
import GerundStream
import Synchronization

/// Updates and stops a run of a ``Recognizer``.
///
///     let controller = RunController()
///     async let outcomes = recognizer.run(sources, controller: controller, into: sink)
///     try await controller.apply(RecognizerUpdate(labels: labels))
///     await controller.stopSources()
///
/// A controller belongs to one run and owns the run's mutable state: the running sources, and the active labels,
/// thresholds and smoothing. An update is applied as a whole or not at all.
public final class RunController: Sendable {
    /// An update that hasn't been completed.
    ///
    /// It must be completed exactly once.
    struct PendingUpdate: Sendable {
        fileprivate let id: Int
        fileprivate let update: RecognizerUpdate
        fileprivate let continuation: CheckedContinuation<Result<UpdateResult, ModelError>, Never>

        /// Resumes the task that called ``RunController/apply(_:)``.
        func complete(_ result: Result<UpdateResult, ModelError>) { self.continuation.resume(returning: result) }
    }

    private enum Phase: Hashable, Sendable {
        /// Between ``RunController/init()`` and the start of the run.
        case new
        case running
        case ended
    }

    private struct State: Sendable {
        var phase = Phase.new
        var isStopping = false
        var active: ActiveConfiguration?
        var registry = SourceRegistry<RunningSource>()
        /// The updates that wait for their turn, oldest first.
        var waiting: [PendingUpdate] = []
        /// The update that the run is preparing.
        var current: PendingUpdate?
        var updateCount = 0
        /// The run's task that waits for an update.
        var consumer: CheckedContinuation<RecognizerUpdate?, Never>?
    }

    private let state = Mutex(State())

    /// Creates a controller to pass to ``Recognizer/run(_:controller:into:)``.
    public init() {}

    /// Applies an update to the run.
    ///
    /// New texts are encoded between the windows of the running sources; then a run record with the new labels is
    /// written, and each source uses them from its next window on. Updates are applied one after the other, in the
    /// order of the calls. One that is applied before the run starts waits for it.
    ///
    /// If the calling task is cancelled while the update waits or its texts are being encoded, the update is discarded.
    /// Once the run has begun to commit it, cancellation has no effect.
    ///
    /// - Important: A sink must not wait for an update while it writes a run record: the run waits for the sink then.
    ///
    /// - Parameter update: The change.
    /// - Returns: The result: applied or discarded.
    /// - Throws: ``ModelError`` with the code `weights` if the texts of new labels can't be encoded because the model's
    ///   file is no longer readable. Then nothing has changed, the sources and thresholds of the update included.
    @discardableResult
    public func apply(_ update: RecognizerUpdate) async throws(ModelError) -> UpdateResult {
        let id = self.state.withLock { state in
            state.updateCount += 1
            return state.updateCount
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.enqueue(PendingUpdate(id: id, update: update, continuation: continuation))
            }
        } onCancel: {
            self.cancel(id)
        }
        return try result.get()
    }

    /// Stops all sources at the same time and returns when they have stopped.
    ///
    /// The run then ends as at a natural end: open events end with the last frame, uninterrupted.
    ///
    /// No source starts afterwards, and later updates are ``UpdateResult/discarded``.
    public func stopSources() async {
        let members = self.state.withLock { state in
            state.isStopping = true
            return state.registry.removeWaiting()
        }
        await withDiscardingTaskGroup { group in
            for member in members {
                group.addTask { await member.source.stop() }
            }
        }
    }

    /// The names of the sources that are running, or wait until one of the same name has ended, in alphabetical order.
    public var sources: [SourceID] { self.state.withLock { $0.registry.names } }

    /// The run's configuration with the labels, thresholds and smoothing of the last applied update; `nil` before the
    /// run starts.
    public var configuration: RecognizerConfiguration? { self.state.withLock { $0.active?.configuration } }

    private func enqueue(_ pending: PendingUpdate) {
        let (consumer, isDiscarded) = self.state.withLock { state in
            // Checked under the lock: `cancel` runs after the flag is set, and then finds the update.
            guard state.phase != .ended, !state.isStopping, !Task.isCancelled else {
                return (CheckedContinuation<RecognizerUpdate?, Never>?.none, true)
            }
            guard let consumer = state.consumer.take() else {
                state.waiting.append(pending)
                return (nil, false)
            }
            state.current = pending
            return (consumer, false)
        }
        if isDiscarded { pending.complete(.success(.discarded)) }
        consumer?.resume(returning: pending.update)
    }

    /// Discards an update whose calling task is cancelled, unless the run has begun to commit it.
    private func cancel(_ id: Int) {
        let pending: PendingUpdate? = self.state.withLock { state in
            if state.current?.id == id { return state.current.take() }
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiting.remove(at: index)
        }
        pending?.complete(.success(.discarded))
    }
}

// MARK: - The run's side

extension RunController {
    /// A source of the run.
    struct RunningSource: Sendable {
        let source: any FrameSource
        let removal = RemovalFlag()
    }

    /// Records that the run begins.
    func runStarted(_ configuration: RecognizerConfiguration, embeddings: LabelEmbeddings) {
        self.state.withLock { state in
            precondition(state.phase == .new, "a RunController can be used for one run only")
            state.phase = .running
            state.active = ActiveConfiguration(configuration: configuration, embeddings: embeddings)
        }
    }

    /// Records that the run has ended.
    ///
    /// Updates that are waiting or in preparation are discarded.
    func runEnded() {
        let pending = self.state.withLock { state in
            state.phase = .ended
            // A run that fails leaves sources behind, which its task group has ended.
            state.registry = SourceRegistry()
            defer { state.waiting = [] }
            return [state.current.take()].compactMap { $0 } + state.waiting
        }
        for update in pending { update.complete(.success(.discarded)) }
    }

    /// A Boolean value that indicates whether no source is running.
    var hasNoSources: Bool { self.state.withLock { $0.registry.isEmpty } }

    /// A Boolean value that indicates whether ``stopSources()`` was called.
    var isStopping: Bool { self.state.withLock { $0.isStopping } }

    /// Adds a source to the run.
    ///
    /// - Returns: The action that the caller must take.
    func add(_ member: RunningSource) -> SourceRegistry<RunningSource>.AddAction {
        self.state.withLock { $0.registry.add(member, as: member.source.id) }
    }

    /// Marks a running source as removed, and drops one that waits for its name.
    ///
    /// - Returns: The source that the caller must stop.
    func remove(_ id: SourceID) -> RunningSource? {
        let member = self.state.withLock { $0.registry.remove(id) }
        member?.removal.markRemoved()
        return member
    }

    /// Removes a source that has ended.
    ///
    /// - Returns: The source that the caller must start in its place.
    func sourceEnded(_ id: SourceID) -> RunningSource? {
        self.state.withLock { state in
            if state.isStopping { _ = state.registry.removeWaiting() }
            return state.registry.ended(id)
        }
    }

    /// The active configuration.
    var activeConfiguration: ActiveConfiguration {
        self.state.withLock { state in
            guard let active = state.active else { preconditionFailure("the run hasn't started") }
            return active
        }
    }

    /// Returns the active configuration if it is newer than a generation.
    func activeConfiguration(ifNewerThan generation: Int) -> ActiveConfiguration? {
        self.state.withLock { $0.active?.generation == generation ? nil : $0.active }
    }

    /// Replaces the active configuration.
    func activate(_ configuration: RecognizerConfiguration, embeddings: LabelEmbeddings) {
        self.state.withLock { state in
            state.active = ActiveConfiguration(
                generation: (state.active?.generation ?? 0) + 1, configuration: configuration, embeddings: embeddings)
        }
    }

    /// Waits for the next update, to be prepared and then committed from ``beginCommit()`` on.
    ///
    /// - Returns: The update; `nil` if the task is cancelled.
    func nextUpdate() async -> RecognizerUpdate? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isWaiting, update) = self.state.withLock { state in
                    guard !Task.isCancelled else { return (false, RecognizerUpdate?.none) }
                    guard !state.waiting.isEmpty else {
                        state.consumer = continuation
                        return (true, nil)
                    }
                    let next = state.waiting.removeFirst()
                    state.current = next
                    return (false, next.update)
                }
                if !isWaiting { continuation.resume(returning: update) }
            }
        } onCancel: {
            self.state.withLock { $0.consumer.take() }?.resume(returning: nil)
        }
    }

    /// Begins to commit the update that ``nextUpdate()`` returned last: from now on it can't be cancelled.
    ///
    /// - Returns: The update to complete; `nil` if it was cancelled meanwhile and must not be committed.
    func beginCommit() -> PendingUpdate? {
        self.state.withLock { $0.current.take() }
    }
}
