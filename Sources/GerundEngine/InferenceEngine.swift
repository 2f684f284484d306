import GerundCore
import GerundStream
import GerundTensor
import Synchronization
import XCLIP

/// The inference engine: runs the model on a dedicated thread.
///
/// All sources share one model and one set of cores. Requests that arrive while a batch runs are computed together in
/// the next one, because one large matrix multiplication is cheaper than many small ones. ``WindowScheduler`` decides
/// which requests come next, and ``LoadSheddingController`` the service level of live sources when inference falls
/// behind.
actor InferenceEngine {
    /// A source that is registered with the engine.
    struct SourceHandle: Hashable, Sendable {
        fileprivate let number: Int
        fileprivate let frameCapacity: Int
        fileprivate let cachesLayers: Bool
        fileprivate let isLive: Bool

        /// A number that differs between sources: where only every n-th frame or window of a source is used, sources
        /// with different phases use different ones.
        var phase: Int { self.number }
    }

    /// A new frame, and the window that it completes.
    struct Input: Sendable {
        var source: SourceHandle
        /// The feed whose consumer holds the slot with the frame's pixels until the request is computed.
        var feed: FrameFeed
        /// The index of the frame among the source's frames, from 0 without gaps.
        var frame: Int
        /// The indices of the window's frames, oldest first; `nil` if no window is due.
        var window: [Int]?
        /// The part of the older frames that is recomputed.
        var refresh: RefreshPolicy
        /// The labels that the window is compared with; `nil` for the engine's first labels.
        var labels: LabelEmbeddings?
        /// The latency measurements of a live source; `nil` for a source that waits for the engine.
        ///
        /// Live sources drop frames instead of being paced by the engine.
        var latency: LatencySample?
    }

    /// The measurements that show whether the engine keeps up with a live source.
    struct LatencySample: Sendable {
        /// The time at which the frame arrived.
        var arrival: ContinuousClock.Instant
        /// The time between two processed frames of the source.
        var frameInterval: Duration
        /// A Boolean value that indicates whether a due window was skipped because a newer frame had already arrived.
        var wasWindowSkipped: Bool
    }

    /// A queued request.
    private struct Pending: Sendable {
        let input: Input
        let request: InferenceRequest
        let enqueuedAt = ContinuousClock.now
    }

    /// The state that the sources' tasks and the engine's thread share.
    private struct Inbox: Sendable {
        var scheduler = WindowScheduler<Pending>()
        var loadShedding: LoadSheddingController
        var handleCount = 0
        var liveCount = 0
    }

    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    private let model: RecognitionModel
    /// The labels with which the engine was created.
    nonisolated let labels: LabelEmbeddings
    private let workspace: ModelWorkspace
    private var caches: [SourceHandle: FrameStateCache] = [:]
    /// The frame states of a window that is recomputed exactly in addition to a fast one: one set for all sources.
    private var exactStates: [FrameState] = []
    private let inbox: Mutex<Inbox>
    private let slowdown = ArtificialSlowdown()
    /// The time spent on exact recomputations for live sources since the last batch.
    private var exactComputeTime = Duration.zero

    /// The maximum number of tokens per batch: more don't make matrix multiplications more efficient, and every source
    /// waits for the whole batch.
    private static let maximumBatchTokens = 512

    /// Creates an engine and encodes the labels' texts, which takes time in proportion to their number.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - labels: The first labels.
    ///   - mode: The mode of live sources while the engine keeps up.
    /// - Throws: ``ModelError`` if no thread can be created or the weights can't be read; `CancellationError`.
    init(model: RecognitionModel, labels: LabelSet, mode: RecognitionMode = .exact) async throws {
        self.executor = try ModelError.wrapping(.outOfResources) { () throws(ThreadCreationError) in
            try ThreadExecutor(name: "inference")
        }
        self.model = model
        self.inbox = Mutex(Inbox(loadShedding: LoadSheddingController(mode: mode)))
        self.workspace = ModelWorkspace(model.model)
        let encoder = TextEncoder(executor: self.executor, model: model)
        self.labels = LabelEmbeddings(labels: labels, text: try await encoder.encode(labels.texts))
    }

    /// Encodes the texts of other labels, except for those with known embeddings, between the windows of the running
    /// sources.
    ///
    /// - Throws: ``ModelError`` with the code `weights`; `CancellationError`.
    nonisolated func embeddings(of labels: LabelSet, reusing known: LabelEmbeddings) async throws -> LabelEmbeddings {
        let texts = known.missingTexts(in: labels)
        guard !texts.isEmpty else { return known.updated(for: labels, adding: nil) }
        let encoder = TextEncoder(executor: self.executor, model: self.model)
        return known.updated(for: labels, adding: try await encoder.encode(texts))
    }

    /// Checks that a source's frames have the size that the model takes.
    ///
    /// - Throws: ``CaptureError`` with the code `unsupported`.
    nonisolated func validate(_ feed: FrameFeed, of source: SourceID) throws(CaptureError) {
        let (size, expected) = (feed.frameFormat.cropSize, self.model.inputFormat.cropSize)
        guard size == expected else {
            throw CaptureError(
                code: .unsupported, source: source,
                message: "the source delivers frames of \(size), the model takes \(expected)")
        }
    }

    /// Registers a source.
    ///
    /// - Parameters:
    ///   - frameCapacity: The number of latest frames that windows may consist of.
    ///   - cachesLayers: Whether requests may ask for less than all tokens.
    ///   - isLive: Whether the source drops frames instead of being paced by the engine.
    /// - Returns: The handle for the source's requests, to be passed to ``unregister(_:)`` at its end.
    nonisolated func register(frameCapacity: Int, cachesLayers: Bool, isLive: Bool = false) -> SourceHandle {
        self.inbox.withLock { inbox in
            inbox.handleCount += 1
            inbox.liveCount += isLive ? 1 : 0
            return SourceHandle(
                number: inbox.handleCount, frameCapacity: frameCapacity, cachesLayers: cachesLayers, isLive: isLive)
        }
    }

    /// Unregisters a source; its frame states are freed soon afterwards.
    nonisolated func unregister(_ source: SourceHandle) {
        self.inbox.withLock { inbox in
            inbox.scheduler.remove(source.number)
            inbox.liveCount -= source.isLive ? 1 : 0
        }
        Task { await self.evict(source) }
    }

    private func evict(_ source: SourceHandle) {
        self.caches[source] = nil
    }

    /// The current service level of live sources.
    nonisolated var level: ServiceLevel { self.inbox.withLock { $0.loadShedding.level } }

    /// Suspends until the request has been computed or the task is cancelled.
    ///
    /// A request that is already being computed can't be cancelled: the task then waits for its logits.
    ///
    /// - Returns: The logits of the labels, followed by those of the background phrases; empty if no window is due or
    ///   the task was cancelled before the computation began.
    nonisolated func recognize(_ input: Input) async -> [Float] {
        let request = InferenceRequest()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard request.register(continuation) == .enqueue else { return }
                let action = self.inbox.withLock { inbox in
                    inbox.scheduler.append(Pending(input: input, request: request), from: input.source.number)
                }
                switch action {
                case .startBatch: Task { await self.runBatch() }
                case .wait: break
                }
            }
        } onCancel: {
            request.cancel()
        }
    }

    /// Recomputes a window of a source with cached layers exactly.
    ///
    /// The cached states of its frames stay unchanged, so that later windows are what they would have been.
    ///
    /// - Parameters:
    ///   - window: The indices of the frames of the source's latest window, whose states are still cached.
    ///   - source: The source.
    ///   - labels: The labels that the window is compared with.
    /// - Returns: The logits of the labels, followed by those of the background phrases; empty if the task is
    ///   cancelled.
    func recomputeExactly(_ window: [Int], of source: SourceHandle, labels: LabelEmbeddings) -> [Float] {
        guard !Task.isCancelled else { return [] }
        let began = ContinuousClock.now
        defer {
            self.slowdown?.delay(since: began)
            if source.isLive { self.exactComputeTime += began.duration(to: .now) }
        }
        let cache = self.cache(source)
        if self.exactStates.isEmpty {
            let model = self.model.model
            self.exactStates = (0..<model.configuration.vision.frameCount).map { _ in
                model.makeFrameState(cachesLayers: false)
            }
        }
        let states = zip(window, self.exactStates).map { frame, state in
            state.copyEmbedding(of: cache.state(ofFrame: frame))
            return state
        }
        let videos = self.model.model.encodeVideos([states], refresh: .all, in: self.workspace)
        return self.model.model.logitsPerVideo(videos, labels.text, in: self.workspace)[0]
    }

    /// Computes the waiting requests, as many as one batch takes.
    private func runBatch() {
        let began = ContinuousClock.now
        let batch = self.takeBatch()
        defer { self.batchEnded() }
        guard !batch.isEmpty else { return }
        let tokens = batch.map { self.tokenCost(of: $0.input) }
        let model = self.model.model
        for (index, item) in batch.enumerated() {
            item.input.feed.withPixels {
                model.stagePatches(
                    fromRGB: $0, normalization: self.model.normalization, at: index, count: batch.count,
                    in: self.workspace)
            }
        }
        let states = batch.map { self.cache($0.input.source).state(ofFrame: $0.input.frame) }
        model.embedFrames(states, in: self.workspace)

        // Sources can differ in what is refreshed: one that has fallen behind from one that hasn't.
        var results = [[Float]](repeating: [], count: batch.count)
        for refresh in Set(batch.map(\.input.refresh)) {
            let members = batch.indices.filter {
                batch[$0].input.refresh == refresh && batch[$0].input.window != nil
            }
            let windows = members.map { member in
                let input = batch[member].input
                return (input.window ?? []).map { self.cache(input.source).state(ofFrame: $0) }
            }
            let videos = model.encodeVideos(windows, refresh: refresh, in: self.workspace)
            let defaults = members.indices.filter { batch[members[$0]].input.labels == nil }
            let logits = model.logitsPerVideo(defaults.map { videos[$0] }, self.labels.text, in: self.workspace)
            for (index, logits) in zip(defaults, logits) { results[members[index]] = logits }
            for (member, video) in zip(members, videos) {
                guard let labels = batch[member].input.labels else { continue }
                results[member] = model.logitsPerVideo([video], labels.text, in: self.workspace)[0]
            }
        }
        self.slowdown?.delay(since: began)
        self.recordLoad(of: batch, tokens: tokens, since: began)
        for (item, logits) in zip(batch, results) { item.request.fulfill(logits) }
    }

    private func batchEnded() {
        switch self.inbox.withLock({ $0.scheduler.batchFinished() }) {
        case .startBatch: Task { self.runBatch() }
        case .wait: break
        }
    }

    /// Removes and claims the requests of the next batch.
    ///
    /// Those of cancelled tasks are dropped.
    private func takeBatch() -> [Pending] {
        self.inbox.withLock { inbox in
            inbox.scheduler.next(limit: Self.maximumBatchTokens) {
                $0.request.isPending ? self.tokenCost(of: $0.input) : nil
            }
        }
        .filter { $0.request.claim() }
    }

    /// Reports the response times of live sources to the load-shedding controller.
    private func recordLoad(of batch: [Pending], tokens: [Int], since began: ContinuousClock.Instant) {
        let now = ContinuousClock.now
        let liveTokens = zip(batch, tokens).reduce(0) { $0 + ($1.0.input.latency == nil ? 0 : $1.1) }
        let busy =
            (now - began) * (Double(liveTokens) / Double(max(1, tokens.reduce(0, +)))) + self.exactComputeTime
        if liveTokens > 0 { self.exactComputeTime = .zero }
        self.inbox.withLock { inbox in
            for item in batch {
                guard let latency = item.input.latency else { continue }
                inbox.loadShedding.responseReceived(
                    arrival: latency.arrival, responseTime: now - item.enqueuedAt, frameInterval: latency.frameInterval,
                    wasWindowSkipped: latency.wasWindowSkipped, sourceCount: inbox.liveCount, now: now)
            }
            if liveTokens > 0 { inbox.loadShedding.batchFinished(busy: busy, now: now) }
        }
    }

    /// Returns the number of tokens that a request adds to a batch: all tokens of frames without a layer cache, and the
    /// refreshed ones of the others.
    private func tokenCost(of input: Input) -> Int {
        let tokens = self.model.model.configuration.vision.tokenCount
        guard let window = input.window else { return tokens }
        let refreshed = if case .tokens(let count) = input.refresh { min(count, tokens) } else { tokens }
        let cache = self.cache(input.source)
        return Set(window).reduce(0) { cost, frame in
            let isNew = frame == input.frame || !cache.state(ofFrame: frame).hasLayerCache
            return cost + (isNew ? tokens : refreshed)
        }
    }

    /// Returns the number of tokens that a window with one new frame adds to a batch.
    private static func tokenCost(ofWindow refresh: RefreshPolicy, _ configuration: XCLIPConfiguration) -> Int {
        let (tokens, older) = (configuration.vision.tokenCount, configuration.vision.frameCount - 1)
        switch refresh {
        case .all: return tokens * (older + 1)
        case .tokens(let count): return tokens + older * min(count, tokens)
        }
    }

    /// Returns the maximum number of windows, each with one new frame, that are computed in one batch.
    static func maximumWindowsPerBatch(_ refresh: RefreshPolicy, _ configuration: XCLIPConfiguration) -> Int {
        max(1, self.maximumBatchTokens / self.tokenCost(ofWindow: refresh, configuration))
    }

    private func cache(_ source: SourceHandle) -> FrameStateCache {
        if let cache = self.caches[source] { return cache }
        let cache = FrameStateCache(
            self.model.model, capacity: source.frameCapacity, cachesLayers: source.cachesLayers)
        self.caches[source] = cache
        return cache
    }
}

/// Encodes texts on the engine's thread, also before the engine exists.
private actor TextEncoder {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    private let model: RecognitionModel

    init(executor: ThreadExecutor, model: RecognitionModel) {
        self.executor = executor
        self.model = model
    }

    /// The number of texts that are tokenized between two suspension points.
    private static let textsPerStep = 64

    /// Encodes texts layer by layer, and yields the thread to other work in between.
    ///
    /// - Throws: ``ModelError`` with the code `weights` if the weights can no longer be read; `CancellationError`.
    func encode(_ texts: [String]) async throws -> TextFeatures {
        var tokenIDs: [[Int32]] = []
        for text in texts {
            tokenIDs.append(self.model.tokenizer.encode(text))
            if tokenIDs.count % Self.textsPerStep == 0 { try await self.yield() }
        }
        var encoding = self.model.model.makeTextEncoder(tokenIDs)
        while try self.step(&encoding) { try await self.yield() }
        return encoding.features
    }

    /// Lets other work run on the thread.
    private func yield() async throws {
        await Task.yield()
        try Task.checkCancellation()
    }

    private func step(_ encoding: inout IncrementalTextEncoder) throws(ModelError) -> Bool {
        do {
            return try encoding.step()
        } catch {
            throw ModelError(code: .weights, wrapping: error)
        }
    }
}
