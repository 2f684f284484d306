import GerundStream
import GerundTensor
import Synchronization
import XCLIP

/// Computes: the one place that runs the model, on a thread of its own.
///
/// An actor because all sources share one model and one set of cores. What several sources ask for while a pass runs
/// is computed together in the next: a product of many rows costs far less than many of few. Who comes next is the
/// ``WindowScheduler``'s decision, what is given up when that is too much the ``LoadLadder``'s.
actor InferenceEngine {
    /// One source's frames in the engine.
    struct SourceKey: Hashable, Sendable {
        fileprivate let number: Int
        fileprivate let frames: Int
        fileprivate let mayBeFast: Bool
        fileprivate let isLive: Bool

        /// Differs from one source to the next: where only some of a source's frames count, others of each.
        var turn: Int { self.number }
    }

    /// A new frame, and the window that it completes.
    struct Request: Sendable {
        var source: SourceKey
        /// Lends the frame's picture until the request is answered.
        var feed: FrameFeed
        /// Counts the source's frames from 0.
        var frame: Int
        /// The frames of the window, oldest first; `nil` when none is due.
        var window: [Int]?
        var refresh: Refresh
        /// What the window is compared with; `nil` for the engine's first labels.
        var vocabulary: Vocabulary?
        /// Of a source that doesn't wait for the engine.
        var haste: Haste?
    }

    /// What tells whether the engine keeps up with a source.
    struct Haste: Sendable {
        /// When the frame came.
        var arrival: ContinuousClock.Instant
        /// From one frame that is looked at to the next.
        var period: Duration
        /// Whether a window was due and given up because the next frame had come already.
        var isLate: Bool
    }

    /// A request on its way.
    private struct Pending: Sendable {
        let request: Request
        let answer: PendingAnswer
        let since = ContinuousClock.now
    }

    /// What sources and the engine's thread share.
    private struct Inbox: Sendable {
        var scheduler = WindowScheduler<Pending>()
        var ladder: LoadLadder
        var isPassComing = false
        var keyCount = 0
        var liveCount = 0
    }

    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    private let model: RecognitionModel
    /// The labels with which the engine was made.
    nonisolated let vocabulary: Vocabulary
    private let workspace: ModelWorkspace
    private var sources: [SourceKey: FrameStateCache] = [:]
    /// The frames of a window that is computed exactly beside a fast one: one set for all sources.
    private var exactStates: [FrameState] = []
    private let inbox: Mutex<Inbox>
    private let brake = EngineBrake()
    /// How long windows of live sources were computed exactly since the last pass.
    private var exactTime = Duration.zero

    /// The rows of one pass: more don't make products any faster, and every source waits for the whole pass.
    private static let passRows = 512

    /// Encodes the labels' texts; takes as long as there are many.
    ///
    /// - Parameter mode: What live sources get while the engine keeps up.
    /// - Throws: ``ModelError`` `system` when there is no thread to be had; `CancellationError`.
    init(model: RecognitionModel, labels: LabelSet, mode: RecognitionMode = .exact) async throws {
        guard let executor = ThreadExecutor(name: "inference") else {
            throw ModelError(code: .system, message: "the system refuses another thread: raise its limit")
        }
        self.executor = executor
        self.model = model
        self.inbox = Mutex(Inbox(ladder: LoadLadder(mode: mode)))
        self.workspace = ModelWorkspace(model.model)
        let encoder = TextEncoder(executor: executor, model: model)
        self.vocabulary = Vocabulary(labels: labels, text: try await encoder.encode(labels.texts))
    }

    /// Encodes those texts of other labels that are not known yet, between the windows of the sources that run.
    ///
    /// - Throws: `CancellationError`.
    nonisolated func vocabulary(of labels: LabelSet, knowing known: Vocabulary) async throws -> Vocabulary {
        let texts = known.unknownTexts(of: labels)
        guard !texts.isEmpty else { return known.changed(to: labels, adding: nil) }
        let encoder = TextEncoder(executor: self.executor, model: self.model)
        return known.changed(to: labels, adding: try await encoder.encode(texts))
    }

    /// - Parameters:
    ///   - frames: How many of its latest frames windows may consist of.
    ///   - mayBeFast: Whether requests will ask for less than all rows.
    ///   - isLive: Whether the source doesn't wait for the engine.
    nonisolated func open(frames: Int, mayBeFast: Bool, isLive: Bool = false) -> SourceKey {
        self.inbox.withLock { inbox in
            inbox.keyCount += 1
            inbox.liveCount += isLive ? 1 : 0
            return SourceKey(number: inbox.keyCount, frames: frames, mayBeFast: mayBeFast, isLive: isLive)
        }
    }

    /// Frees what is kept of a source, soon.
    nonisolated func close(_ source: SourceKey) {
        self.inbox.withLock { inbox in
            inbox.scheduler.remove(source.number)
            inbox.liveCount -= source.isLive ? 1 : 0
        }
        Task { await self.forget(source) }
    }

    private func forget(_ source: SourceKey) {
        self.sources[source] = nil
    }

    /// What live sources get at present.
    nonisolated var rung: LoadLadder.Rung { self.inbox.withLock { $0.ladder.rung } }

    /// Waits until the request's turn has come and it is computed, or the task is cancelled.
    ///
    /// - Returns: The logits of the labels, then of the background phrases; nothing when no window is due or the task
    ///   is cancelled.
    nonisolated func recognize(_ request: Request) async -> [Float] {
        let answer = PendingAnswer()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard answer.await(continuation) else { return }
                let isFirst = self.inbox.withLock { inbox in
                    inbox.scheduler.append(Pending(request: request, answer: answer), from: request.source.number)
                    defer { inbox.isPassComing = true }
                    return !inbox.isPassComing
                }
                if isFirst { Task { await self.pass() } }
            }
        } onCancel: {
            answer.cancel()
        }
    }

    /// Computes a window of a source that may be fast once more, exactly. What is kept of its frames stays as it is, so
    /// that the windows to come are what they would have been.
    ///
    /// - Parameters:
    ///   - window: The latest that was recognized: its frames are still there.
    ///   - vocabulary: What it is compared with.
    /// - Returns: The logits of the labels, then of the background phrases; nothing when the task is cancelled.
    func recognizeExactly(_ window: [Int], of source: SourceKey, _ vocabulary: Vocabulary) -> [Float] {
        guard !Task.isCancelled else { return [] }
        let began = ContinuousClock.now
        defer {
            self.brake?.hold(since: began)
            if source.isLive { self.exactTime += began.duration(to: .now) }
        }
        let cache = self.cache(source)
        if self.exactStates.isEmpty {
            let model = self.model.model
            self.exactStates = (0..<model.configuration.vision.frameCount).map { _ in
                model.makeFrameState(keepsLayers: false)
            }
        }
        let states = zip(window, self.exactStates).map { frame, state in
            state.copyEmbedding(of: cache.state(ofFrame: frame))
            return state
        }
        let videos = self.model.model.encode([states], refresh: .all, self.workspace)
        return self.model.model.logitsPerVideo(videos, vocabulary.text, self.workspace)[0]
    }

    /// Computes what is waiting, as much as one pass takes.
    private func pass() {
        let began = ContinuousClock.now
        let batch = self.takeBatch()
        defer { self.passEnded() }
        guard !batch.isEmpty else { return }
        let rows = batch.map { self.rows(of: $0.request) }
        let model = self.model.model
        for (index, item) in batch.enumerated() {
            item.request.feed.withPixels {
                model.take(
                    rgb: $0, normalization: self.model.normalization, as: index, of: batch.count, self.workspace)
            }
        }
        let states = batch.map { self.cache($0.request.source).state(ofFrame: $0.request.frame) }
        model.embed(states, self.workspace)

        // Sources may differ in what is to be refreshed, one that has fallen behind from one that has not.
        var answers = [[Float]](repeating: [], count: batch.count)
        for refresh in Set(batch.map(\.request.refresh)) {
            let members = batch.indices.filter {
                batch[$0].request.refresh == refresh && batch[$0].request.window != nil
            }
            let windows = members.map { member in
                let request = batch[member].request
                return (request.window ?? []).map { self.cache(request.source).state(ofFrame: $0) }
            }
            let videos = model.encode(windows, refresh: refresh, self.workspace)
            let usual = members.indices.filter { batch[members[$0]].request.vocabulary == nil }
            let logits = model.logitsPerVideo(usual.map { videos[$0] }, self.vocabulary.text, self.workspace)
            for (index, logits) in zip(usual, logits) { answers[members[index]] = logits }
            for (member, video) in zip(members, videos) {
                guard let vocabulary = batch[member].request.vocabulary else { continue }
                answers[member] = model.logitsPerVideo([video], vocabulary.text, self.workspace)[0]
            }
        }
        self.brake?.hold(since: began)
        self.measure(batch, rows: rows, since: began)
        for (item, logits) in zip(batch, answers) { item.answer.give(logits) }
    }

    private func passEnded() {
        let isNextComing = self.inbox.withLock { inbox in
            inbox.isPassComing = !inbox.scheduler.isEmpty
            return inbox.isPassComing
        }
        if isNextComing { Task { self.pass() } }
    }

    /// The requests of the next pass that are still wanted.
    private func takeBatch() -> [Pending] {
        self.inbox.withLock { inbox in
            inbox.scheduler.next(limit: Self.passRows) { $0.answer.isWanted ? self.rows(of: $0.request) : nil }
        }
        .filter { $0.answer.beginComputing() }
    }

    /// Tells the ladder how long live sources had to wait.
    private func measure(_ batch: [Pending], rows: [Int], since began: ContinuousClock.Instant) {
        let now = ContinuousClock.now
        let liveRows = zip(batch, rows).reduce(0) { $0 + ($1.0.request.haste == nil ? 0 : $1.1) }
        let busy = (now - began) * (Double(liveRows) / Double(max(1, rows.reduce(0, +)))) + self.exactTime
        if liveRows > 0 { self.exactTime = .zero }
        self.inbox.withLock { inbox in
            for item in batch {
                guard let haste = item.request.haste else { continue }
                inbox.ladder.frameFinished(
                    arrival: haste.arrival, wait: now - item.since, of: haste.period, isLate: haste.isLate,
                    sources: inbox.liveCount, now: now)
            }
            if liveRows > 0 { inbox.ladder.passFinished(busy: busy, now: now) }
        }
    }

    /// What a request puts into a pass: all rows of frames that are new to the layers, the refreshed ones of others.
    private func rows(of request: Request) -> Int {
        let tokens = self.model.model.configuration.vision.tokenCount
        guard let window = request.window else { return tokens }
        let refreshed = if case .rows(let count) = request.refresh { min(count, tokens) } else { tokens }
        let cache = self.cache(request.source)
        return Set(window).reduce(0) { rows, frame in
            let isNew = frame == request.frame || !cache.state(ofFrame: frame).isEncoded
            return rows + (isNew ? tokens : refreshed)
        }
    }

    /// The rows that a window with one new frame puts into a pass.
    private static func rows(ofWindow refresh: Refresh, _ configuration: Configuration) -> Int {
        let (tokens, older) = (configuration.vision.tokenCount, configuration.vision.frameCount - 1)
        switch refresh {
        case .all: return tokens * (older + 1)
        case .rows(let count): return tokens + older * min(count, tokens)
        }
    }

    /// How many windows with one new frame are computed together at most.
    static func windowsOfPass(_ refresh: Refresh, _ configuration: Configuration) -> Int {
        max(1, self.passRows / self.rows(ofWindow: refresh, configuration))
    }

    private func cache(_ source: SourceKey) -> FrameStateCache {
        if let cache = self.sources[source] { return cache }
        let cache = FrameStateCache(
            self.model.model, capacity: source.frames, keepsLayers: source.mayBeFast)
        self.sources[source] = cache
        return cache
    }
}

/// Encodes texts on the engine's thread, also before there is an engine.
private actor TextEncoder {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    private let model: RecognitionModel

    init(executor: ThreadExecutor, model: RecognitionModel) {
        self.executor = executor
        self.model = model
    }

    /// Encodes texts a layer at a time, and lets whatever waits for the thread come in between.
    ///
    /// - Throws: `CancellationError`; ``ModelError`` `weights` when they can't be read any more.
    func encode(_ texts: [String]) async throws -> TextFeatures {
        // Here, because the setting is that of the thread which computes.
        self.model.backend.setThreadCount(self.model.threads)
        var tokenIDs: [[Int32]] = []
        for text in texts {
            tokenIDs.append(self.model.tokenizer.encode(text))
            if tokenIDs.count % Self.textsAtOnce == 0 { try await self.pause() }
        }
        var encoding = self.model.model.textEncoding(tokenIDs)
        while try self.step(&encoding) { try await self.pause() }
        return encoding.features
    }

    /// So many texts are split into tokens at a time.
    private static let textsAtOnce = 64

    /// Lets others work on the thread.
    private func pause() async throws {
        await Task.yield()
        try Task.checkCancellation()
    }

    private func step(_ encoding: inout TextEncoding) throws(ModelError) -> Bool {
        do {
            return try encoding.step()
        } catch {
            throw ModelError(code: .weights, message: "\(error)", cause: error)
        }
    }
}
