import GerundStream
import GerundTensor
import XCLIP

/// Computes: the one place that runs the model, on a thread of its own.
///
/// An actor because all sources share one model and one set of cores. What several sources ask for while a pass runs
/// is computed together in the next: a product of many rows costs far less than many of few.
actor InferenceEngine {
    /// One source's frames in the engine.
    struct SourceKey: Hashable, Sendable {
        fileprivate let number: Int
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
    }

    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    private let model: RecognitionModel
    /// The labels with which the engine was made.
    nonisolated let vocabulary: Vocabulary
    private let workspace: VisionWorkspace
    private var sources: [SourceKey: FrameStateCache] = [:]
    /// The frames of a window that is computed exactly beside a fast one: one set for all sources.
    private var exactStates: [FrameState] = []
    private var keyCount = 0
    private var waiting: [(request: Request, answer: CheckedContinuation<[Float], Never>)] = []

    /// The rows of one pass: more don't make products any faster, and every source waits for the whole pass.
    private static let passRows = 512

    /// Encodes the labels' texts; takes as long as there are many.
    ///
    /// - Throws: ``ModelError`` `system` when there is no thread to be had; `CancellationError`.
    init(model: RecognitionModel, labels: LabelSet) async throws {
        guard let executor = ThreadExecutor(name: "inference") else {
            throw ModelError(code: .system, message: "the system refuses another thread: raise its limit")
        }
        self.executor = executor
        self.model = model
        self.workspace = VisionWorkspace(model.model.configuration)
        let encoder = TextEncoder(executor: executor, model: model)
        self.vocabulary = Vocabulary(labels: labels, text: try await encoder.encode(labels.texts, tokensAtOnce: 256))
    }

    /// Encodes those texts of other labels that are not known yet, between the windows of the sources that run.
    ///
    /// - Throws: `CancellationError`.
    nonisolated func vocabulary(of labels: LabelSet, knowing known: Vocabulary) async throws -> Vocabulary {
        let texts = known.unknownTexts(of: labels)
        guard !texts.isEmpty else { return known.changed(to: labels, adding: nil) }
        // A few at a time, for every source waits as long as they take.
        let encoder = TextEncoder(executor: self.executor, model: self.model)
        return known.changed(to: labels, adding: try await encoder.encode(texts, tokensAtOnce: 32))
    }

    /// - Parameters:
    ///   - frames: How many of its latest frames windows may consist of.
    ///   - mayBeFast: Whether requests will ask for less than all rows.
    func open(frames: Int, mayBeFast: Bool) -> SourceKey {
        let key = SourceKey(number: self.keyCount)
        self.keyCount += 1
        if mayBeFast, self.exactStates.isEmpty {
            let configuration = self.model.model.configuration
            self.exactStates = (0..<configuration.vision.frameCount).map { _ in
                FrameState(configuration, keepsLayers: false)
            }
        }
        self.sources[key] = FrameStateCache(
            self.model.model.configuration, capacity: frames, keepsLayers: mayBeFast)
        return key
    }

    /// Frees what is kept of a source.
    func close(_ source: SourceKey) {
        self.sources[source] = nil
    }

    /// - Returns: The logits of the labels, then of the background phrases; nothing when no window is due.
    func recognize(_ request: Request) async -> [Float] {
        await withCheckedContinuation { continuation in
            self.waiting.append((request, continuation))
            // Behind the requests that are on their way already.
            if self.waiting.count == 1 { Task { self.pass() } }
        }
    }

    /// Computes a window of a source that may be fast once more, exactly. What is kept of its frames stays as it is, so
    /// that the windows to come are what they would have been.
    ///
    /// - Parameters:
    ///   - window: The latest that was recognized: its frames are still there.
    ///   - vocabulary: What it is compared with.
    /// - Returns: The logits of the labels, then of the background phrases.
    func recognizeExactly(_ window: [Int], of source: SourceKey, _ vocabulary: Vocabulary) -> [Float] {
        guard let cache = self.sources[source] else { preconditionFailure("a source that is not open") }
        let states = zip(window, self.exactStates).map { frame, state in
            state.copyEmbedding(of: cache.state(ofFrame: frame))
            return state
        }
        let video = self.model.model.encode([states], refresh: .all, self.workspace)[0]
        return self.model.model.logitsPerVideo(video, vocabulary.text)
    }

    /// Computes what is waiting, as much as one pass takes.
    private func pass() {
        let batch = self.takeBatch()
        let model = self.model.model
        for (index, item) in batch.enumerated() {
            item.request.feed.withPixels {
                model.take(
                    rgb: $0, normalization: self.model.normalization, as: index, of: batch.count, self.workspace)
            }
        }
        let states = batch.map { self.cache($0.request).state(ofFrame: $0.request.frame) }
        model.embed(states, self.workspace)

        // Sources may differ in what is to be refreshed, one that has fallen behind from one that has not.
        var answers = [[Float]](repeating: [], count: batch.count)
        for refresh in Set(batch.map(\.request.refresh)) {
            let members = batch.indices.filter {
                batch[$0].request.refresh == refresh && batch[$0].request.window != nil
            }
            let windows = members.map { member in
                let request = batch[member].request
                return (request.window ?? []).map { self.cache(request).state(ofFrame: $0) }
            }
            for (member, video) in zip(members, model.encode(windows, refresh: refresh, self.workspace)) {
                let vocabulary = batch[member].request.vocabulary ?? self.vocabulary
                answers[member] = model.logitsPerVideo(video, vocabulary.text)
            }
        }
        for (item, logits) in zip(batch, answers) { item.answer.resume(returning: logits) }
        if !self.waiting.isEmpty { Task { self.pass() } }
    }

    /// The requests of the next pass, first come first served; at least one.
    private func takeBatch() -> [(request: Request, answer: CheckedContinuation<[Float], Never>)] {
        var (count, rows) = (0, 0)
        while count < self.waiting.count {
            let request = self.waiting[count].request
            let refresh = request.window == nil ? .rows(0) : request.refresh
            rows += Self.rows(ofWindow: refresh, self.model.model.configuration)
            guard count == 0 || rows <= Self.passRows else { break }
            count += 1
        }
        defer { self.waiting.removeFirst(count) }
        return Array(self.waiting.prefix(count))
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

    private func cache(_ request: Request) -> FrameStateCache {
        guard let cache = self.sources[request.source] else { preconditionFailure("a source that is not open") }
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

    /// - Parameter tokensAtOnce: So many tokens are encoded at a time, or a single text: bounds the memory, and how long
    ///   a cancellation goes unnoticed and everything else on the thread waits.
    /// - Throws: `CancellationError`.
    func encode(_ texts: [String], tokensAtOnce: Int) async throws -> TextFeatures {
        // Here, because the setting is that of the thread which computes.
        self.model.backend.setThreadCount(self.model.threads)
        var parts: [TextFeatures] = []
        var (batch, tokens) = ([[Int32]](), 0)
        for text in texts {
            let ids = self.model.tokenizer.encode(text)
            if !batch.isEmpty, tokens + ids.count > tokensAtOnce {
                try Task.checkCancellation()
                parts.append(self.model.model.encodeText(batch))
                (batch, tokens) = ([], 0)
                await Task.yield()
            }
            batch.append(ids)
            tokens += ids.count
        }
        try Task.checkCancellation()
        parts.append(self.model.model.encodeText(batch))
        return parts.dropFirst().reduce(parts[0]) { $0.appending($1) }
    }
}
