public import GerundCore
import GerundStream
import Synchronization

/// Changes a run of a ``Recognizer`` while it lasts, and stops it.
///
///     let controller = RunController()
///     async let outcomes = recognizer.run(sources, controller: controller, into: sink)
///     try await controller.apply(RecognizerUpdate(labels: labels))
///     await controller.stopSources()
///
/// A controller belongs to one run, and is the one owner of what that run does: the running sources, and the active
/// labels, thresholds and smoothing. An update is adopted as a whole or not at all.
public final class RunController: Sendable {
    /// An update that hasn't been answered.
    ///
    /// Must be answered once.
    struct PendingUpdate: Sendable {
        fileprivate let id: Int
        fileprivate let update: RecognizerUpdate
        fileprivate let continuation: CheckedContinuation<Result<AppliedUpdate, ModelError>, Never>

        /// Resumes the task that applied the update.
        func answer(_ result: Result<AppliedUpdate, ModelError>) { self.continuation.resume(returning: result) }
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
        var active: ActiveLabels?
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
    /// written, and each source uses them from its next window on. Updates are applied one after the other, in the order
    /// of the calls. One that is applied before the run starts waits for it.
    ///
    /// - Important: A sink must not wait for an update while it writes a run record: the run waits for the sink then.
    ///
    /// - Parameter update: The change.
    /// - Returns: Whether the run has adopted the update.
    /// - Throws: ``ModelError`` with the code `weights` if the texts of new labels can't be encoded because the model's
    ///   file is no longer readable. Then nothing has changed, the sources and thresholds of the update included.
    @discardableResult
    public func apply(_ update: RecognizerUpdate) async throws(ModelError) -> AppliedUpdate {
        let id = self.state.withLock { state in
            state.updateCount += 1
            return state.updateCount
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.enqueue(PendingUpdate(id: id, update: update, continuation: continuation))
            }
        } onCancel: {
            self.withdraw(id)
        }
        return try result.get()
    }

    /// Stops all sources at the same time and returns when they have stopped.
    ///
    /// The run then ends as at a natural end: open events end with the last frame, uninterrupted.
    ///
    /// No source starts afterwards, and later updates are ``AppliedUpdate/abandoned``.
    public func stopSources() async {
        let members = self.state.withLock { state in
            state.isStopping = true
            return state.registry.removeAll()
        }
        await withDiscardingTaskGroup { group in
            for member in members {
                group.addTask { await member.source.stop() }
            }
        }
    }

    /// The names of the sources that are running, or wait until one of the same name has ended, in alphabetical order.
    public var sources: [SourceID] { self.state.withLock { $0.registry.names } }

    /// The run's configuration with the labels, thresholds and smoothing of the last adopted update; `nil` before the run
    /// starts.
    public var configuration: RecognizerConfiguration? { self.state.withLock { $0.active?.configuration } }

    private func enqueue(_ pending: PendingUpdate) {
        let (consumer, isAbandoned) = self.state.withLock { state in
            // Checked under the lock: `withdraw` runs after the flag is set, and then finds the update.
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
        if isAbandoned { pending.answer(.success(.abandoned)) }
        consumer?.resume(returning: pending.update)
    }

    /// Abandons an update whose calling task is cancelled, unless the run is adopting it.
    private func withdraw(_ id: Int) {
        let pending: PendingUpdate? = self.state.withLock { state in
            if state.current?.id == id { return state.current.take() }
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiting.remove(at: index)
        }
        pending?.answer(.success(.abandoned))
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
            precondition(state.phase == .new, "a RunController is for one run")
            state.phase = .running
            state.active = ActiveLabels(configuration: configuration, embeddings: embeddings)
        }
    }

    /// Records that the run has ended.
    ///
    /// Updates that are waiting or in preparation are abandoned.
    func runEnded() {
        let pending = self.state.withLock { state in
            state.phase = .ended
            defer { state.waiting = [] }
            return [state.current.take()].compactMap { $0 } + state.waiting
        }
        for update in pending { update.answer(.success(.abandoned)) }
    }

    /// A Boolean value that indicates whether no source is running.
    var hasNoSources: Bool { self.state.withLock { $0.registry.isEmpty } }

    /// A Boolean value that indicates whether ``stopSources()`` was called.
    var isStopping: Bool { self.state.withLock { $0.isStopping } }

    /// Adds a source to the run.
    ///
    /// - Returns: Whether the caller must start it.
    func add(_ member: RunningSource) -> SourceRegistry<RunningSource>.AddAction {
        self.state.withLock { $0.registry.add(member, as: member.source.id) }
    }

    /// Marks a running source as removed, and drops one that waits for its name.
    ///
    /// - Returns: The source that the caller must stop.
    func remove(_ id: SourceID) -> RunningSource? {
        let member = self.state.withLock { $0.registry.remove(id) }
        member?.removal.request()
        return member
    }

    /// Forgets a source that has ended.
    ///
    /// - Returns: The source that the caller must start in its place.
    func sourceEnded(_ id: SourceID) -> RunningSource? {
        self.state.withLock { state in
            if state.isStopping { _ = state.registry.removeAll() }
            return state.registry.ended(id)
        }
    }

    /// The active labels.
    var activeLabels: ActiveLabels {
        self.state.withLock { state in
            guard let active = state.active else { preconditionFailure("the run hasn't started") }
            return active
        }
    }

    /// Returns the active labels if they are newer than a generation.
    func activeLabels(ifNewerThan generation: Int) -> ActiveLabels? {
        self.state.withLock { $0.active?.generation == generation ? nil : $0.active }
    }

    /// Replaces the active labels.
    func activate(_ configuration: RecognizerConfiguration, embeddings: LabelEmbeddings) {
        self.state.withLock { state in
            state.active = ActiveLabels(
                generation: (state.active?.generation ?? 0) + 1, configuration: configuration, embeddings: embeddings)
        }
    }

    /// Waits for the next update, to be prepared and then claimed by ``claimUpdate()``.
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

    /// Claims the update that ``nextUpdate()`` returned last.
    ///
    /// - Returns: The update to answer; `nil` if it was abandoned meanwhile and must not be adopted.
    func claimUpdate() -> PendingUpdate? {
        self.state.withLock { $0.current.take() }
    }
}
