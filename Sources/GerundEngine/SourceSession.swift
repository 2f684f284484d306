import FoundationEssentials
import GerundCore
import GerundEvents
import GerundRecords
import GerundStream
import XCLIP

/// The recognition of one source, from its first frame to its summary record.
///
/// A session runs as one task, which waits for the next frame, for the engine and for the sink.
struct SourceSession {
    private let source: any FrameSource
    private let engine: InferenceEngine
    private let controller: RunController
    private let removal: RemovalFlag
    private let sink: any RecordSink
    private let eventIDs: EventIDGenerator

    /// The labels and thresholds in use until the next update.
    private var active: ActiveConfiguration
    private var configuration: RecognizerConfiguration { self.active.configuration }

    /// The pipeline, which is created with the source's first frame.
    private var pipeline: WindowPipeline?
    /// The service level, as last reported.
    private var level: ServiceLevel
    /// The frames that the service level excluded since the last report: their number, and the media time of the first.
    private var droppedFrames: (count: Int, since: MediaTime)?
    /// The longest queues; `nil` for a source that waits for the engine.
    private var queueStatistics: SummaryRecord.QueueStatistics?
    private var postprocessor: ScorePostprocessor
    private var audit: SourceAudit
    private var outcome = SourceOutcome()
    /// The media time of the newest processed frame since the last discontinuity.
    private var lastTime: MediaTime?
    private var lastFrame: CapturedFrame?
    private var arrivals = ArrivalHistory()

    /// An event that has started and not ended.
    private struct OpenEvent {
        var id: String
        /// The wall-clock time of the start.
        var startTime: Date
    }

    /// The open events by label.
    private var openEvents: [String: OpenEvent] = [:]
    /// The first error of the sink.
    private var sinkError: (any Error)?

    init(
        source: any FrameSource, engine: InferenceEngine, controller: RunController, removal: RemovalFlag,
        sink: any RecordSink
    ) {
        let active = controller.activeConfiguration
        let configuration = active.configuration
        self.source = source
        self.engine = engine
        self.controller = controller
        self.removal = removal
        self.active = active
        self.sink = sink
        self.eventIDs = configuration.eventIDs(source)
        self.postprocessor = ScorePostprocessor(configuration: configuration)
        self.audit = SourceAudit(
            ratio: configuration.audit, seed: self.eventIDs.seed ?? .random(in: 0...UInt64.max))
        self.level = .full(for: configuration.mode)
    }

    /// Recognizes until the source ends or fails, or the task is cancelled.
    ///
    /// Open events are ended in any case.
    ///
    /// - Throws: The first error of the sink, after all open events have been ended.
    mutating func run() async throws -> SourceOutcome {
        // `stopSources` stops the sources that are registered before; later ones aren't started.
        if !self.controller.isStopping { await self.recognize() }
        self.pipeline.take()?.close()
        await self.flushDroppedFrames()
        await self.streamEnded(
            isInterrupted: Task.isCancelled || self.sinkError != nil || self.removal.isRemoved)
        await self.flushAudit()
        await self.emit(
            .summary(
                SummaryRecord(
                    source: self.source.id, framesRead: self.outcome.frames, windows: self.outcome.windows,
                    framesDropped: self.outcome.dropped, windowsSkipped: self.outcome.skipped,
                    queues: self.queueStatistics, time: .now)))
        await self.source.stop()
        if let sinkError { throw sinkError }
        return self.outcome
    }

    private mutating func recognize() async {
        let feed = self.source.start()
        do {
            try self.engine.validate(feed, of: self.source.id)
            await self.consume(feed)
        } catch {
            self.outcome.error = error
            await self.emit(.failed(error: error.reason))
        }
    }

    private mutating func consume(_ feed: FrameFeed) async {
        while self.sinkError == nil, let item = await feed.next() {
            switch item {
            case .frame(let frame):
                if let duration = self.configuration.duration, frame.time - .zero >= duration { return }
                await self.frameArrived(frame, feed)
            case .state(let state):
                await self.stateChanged(state)
            case .dropped(let count, let since):
                await self.emitDroppedFrames(count, since: since)
            }
        }
    }

    private mutating func emitDroppedFrames(_ count: Int, since: MediaTime) async {
        self.outcome.dropped += count
        let now = Date.now
        await self.emit(
            .framesDropped(
                FramesDroppedRecord(
                    source: self.source.id, count: count, firstMediaTime: since,
                    firstTime: self.arrival(of: since, now: now), time: now)))
    }

    private mutating func flushDroppedFrames() async {
        guard let droppedFrames = self.droppedFrames.take() else { return }
        await self.emitDroppedFrames(droppedFrames.count, since: droppedFrames.since)
    }

    /// Returns the wall-clock time of a media time, estimated from the arrival times of the processed frames.
    private func arrival(of time: MediaTime, now: Date) -> Date {
        guard let instant = self.arrivals.instant(of: time) else { return now }
        return now.addingTimeInterval(-max(0, instant.duration(to: .now).seconds))
    }

    private mutating func frameArrived(_ frame: CapturedFrame, _ feed: FrameFeed) async {
        await self.applyUpdates()
        let isLive = feed.overflowPolicy == .dropOldest
        if isLive { await self.applyServiceLevel() }
        var pipeline = self.takePipeline(isLive: isLive)
        guard pipeline.shouldProcess(frame, level: self.level) else {
            self.pipeline = pipeline
            return await self.drop(frame)
        }
        let isFast = self.level.mode == .fast
        let requested = ContinuousClock.now
        let queue = feed.metrics()
        let output = await pipeline.frameArrived(
            frame, feed, refresh: isFast ? .tokens(self.configuration.refresh) : .all, labels: self.active.embeddings,
            level: self.level)
        self.pipeline = pipeline
        // A cancelled request has no result.
        if Task.isCancelled { return }
        if isLive { self.measure(frame, queued: queue.depth + 1, requested: requested) }
        self.outcome.frames += 1
        self.outcome.skipped += output.wasWindowSkipped ? 1 : 0
        if output.isDiscontinuity { await self.streamEnded(isInterrupted: true) }
        self.lastTime = frame.time
        self.lastFrame = frame
        self.arrivals.frameArrived(at: frame.time, instant: frame.arrival)
        guard let window = output.window else {
            if output.isDiscontinuity { await self.emit(.warmingUp) }
            return
        }

        self.outcome.windows += 1
        if isFast {
            await self.fastWindowArrived(window, frame, pipeline)
        } else {
            let decision = self.postprocessor.windowArrived(logits: window.logits, at: frame.time)
            await self.emit(decision, frame, isFast: false)
        }
    }

    private mutating func measure(_ frame: CapturedFrame, queued: Int, requested: ContinuousClock.Instant) {
        var queueStatistics = self.queueStatistics ?? SummaryRecord.QueueStatistics()
        queueStatistics.maxQueueDepth = max(queueStatistics.maxQueueDepth, queued)
        queueStatistics.maxQueueDelay = max(queueStatistics.maxQueueDelay, frame.arrival.duration(to: requested))
        queueStatistics.maxInferenceDelay = max(queueStatistics.maxInferenceDelay, requested.duration(to: .now))
        self.queueStatistics = queueStatistics
    }

    /// Drops a frame that the service level excludes.
    ///
    /// Frames that are dropped one by one are reported together.
    private mutating func drop(_ frame: CapturedFrame) async {
        self.droppedFrames = ((self.droppedFrames?.count ?? 0) + 1, self.droppedFrames?.since ?? frame.time)
        if let since = self.droppedFrames?.since, frame.time - since >= Self.dropReportInterval {
            await self.flushDroppedFrames()
        }
    }

    /// The minimum media time between two reports of frames that the service level excludes.
    private static let dropReportInterval = Duration.seconds(60)

    /// Applies the engine's service level and reports a change.
    private mutating func applyServiceLevel() async {
        let level = self.engine.level
        guard level != self.level else { return }
        await self.flushDroppedFrames()
        self.level = level
        let mode = level.mode.rawValue
        let rate = self.configuration.plan.windowRate / Double(level.windowDecimation)
        let isFull = level == .full(for: self.configuration.mode)
        await self.emit(
            isFull
                ? .recovered(mode: mode, windowsPerSecond: rate)
                : .degraded(mode: mode, windowsPerSecond: rate, frameDropRatio: level.frameDropRatio))
    }

    /// Handles a fast window.
    ///
    /// The window is recomputed exactly if the approximation error could decide whether an event starts; then the exact
    /// result is used.
    private mutating func fastWindowArrived(
        _ window: WindowPipeline.Window, _ frame: CapturedFrame, _ pipeline: WindowPipeline
    ) async {
        let logits = window.logits
        var exact: [Float]?
        let bound = self.audit.statistics.decisionBound
        if self.postprocessor.needsExactConfirmation(logits: logits, at: frame.time, bound: bound) {
            let logits = await pipeline.exactLogits(of: window, labels: self.active.embeddings)
            guard !logits.isEmpty else { return }
            exact = logits
            await self.emit(
                self.postprocessor.exactWindowArrived(logits: logits, at: frame.time), frame, isFast: false)
        } else {
            await self.emit(self.postprocessor.windowArrived(logits: logits, at: frame.time), frame, isFast: true)
        }
        // Audited after the window was reported, so that the audit doesn't add to its latency; and not while windows
        // are skipped for lack of time.
        guard self.level.windowDecimation == 1, self.audit.shouldSampleNext() else { return }
        if exact == nil { exact = await pipeline.exactLogits(of: window, labels: self.active.embeddings) }
        guard let exact, !exact.isEmpty else { return }
        let action = self.audit.windowArrived(
            exact: exact, approximate: logits, labelCount: self.configuration.labels.labels.count)
        switch action {
        case .report: await self.emitAudit()
        case .none: break
        }
    }

    private mutating func emit(
        _ decision: ScorePostprocessor.Decision, _ frame: CapturedFrame, isFast: Bool
    ) async {
        await self.emit(.label(self.labelRecord(decision, frame, isFast: isFast)))
        await self.emit(decision.changes)
    }

    private mutating func flushAudit() async {
        if !self.audit.statistics.windows.isMultiple(of: SourceAudit.reportInterval) { await self.emitAudit() }
    }

    private mutating func emitAudit() async {
        let (statistics, confidence) = (self.audit.statistics, ScoreErrorStatistics.reportedConfidence)
        await self.emit(
            .audit(
                AuditRecord(
                    source: self.source.id, mediaTime: self.lastFrame?.time ?? .zero, windows: statistics.windows,
                    top1Changes: statistics.top1Changes, maxScoreError: statistics.maxScoreError,
                    scoreErrorBound: statistics.bound(confidence: confidence),
                    confidence: confidence, sampleSize: statistics.sampleSize, time: .now)))
    }

    /// Applies the run's updates between two windows.
    private mutating func applyUpdates() async {
        guard let active = self.controller.activeConfiguration(ifNewerThan: self.active.generation) else { return }
        let time = self.lastTime ?? .zero
        await self.emit(self.postprocessor.update(to: active.configuration, at: time))
        if active.configuration.labels != self.configuration.labels {
            await self.flushAudit()
            self.audit.labelsChanged()
        }
        self.active = active
    }

    /// Takes the pipeline, or creates it with the first frame: only then is it known whether the source is live.
    private mutating func takePipeline(isLive: Bool) -> WindowPipeline {
        if let pipeline = self.pipeline.take() { return pipeline }
        let mode = self.configuration.mode
        return WindowPipeline(
            engine: self.engine, plan: self.configuration.plan,
            cachesLayers: mode == .fast || mode == .auto && isLive, isLive: isLive)
    }

    private mutating func stateChanged(_ state: SourceState) async {
        let record: SourceRecord.State
        switch state {
        case .connected(let description):
            self.outcome.wasOpened = true
            record = .connected(
                codec: description.codec, width: description.width, height: description.height,
                fps: description.frameRate)
        case .disconnected(let reason, let retry):
            await self.streamEnded(isInterrupted: true)
            record = .disconnected(error: reason, retryIn: retry)
        case .ended:
            await self.streamEnded(isInterrupted: false)
            record = .ended
        case .failed(let error):
            await self.streamEnded(isInterrupted: true)
            self.outcome.error = error
            record = .failed(error: error.reason)
        }
        await self.emit(record)
    }

    /// Ends the open events with the last processed frame.
    private mutating func streamEnded(isInterrupted: Bool) async {
        guard let time = self.lastTime.take() else { return }
        await self.emit(self.postprocessor.streamEnded(at: time, isInterrupted: isInterrupted))
    }

    private mutating func emit(_ state: SourceRecord.State) async {
        await self.emit(.source(SourceRecord(source: self.source.id, state: state, time: .now)))
    }

    private mutating func emit(_ changes: [EventSegmenter.Change]) async {
        for change in changes {
            await self.emit(.event(self.eventRecord(change, now: .now)))
        }
    }

    /// Writes a record to the sink.
    ///
    /// A sink that has failed still gets the ends of open events and sources, because it may write to several
    /// destinations, such as a pipe without a reader and a log that must be complete.
    private mutating func emit(_ record: Record) async {
        do {
            try await self.sink.write(record)
        } catch {
            self.sinkError = self.sinkError ?? error
        }
    }

    private mutating func eventRecord(_ change: EventSegmenter.Change, now: Date) -> EventRecord {
        let labels = self.configuration.labels.labels
        switch change {
        case .started(let label, let start, let score):
            let startTime = self.arrival(of: start, now: now)
            let id = self.eventIDs.make(label: labels[label], start: start, startTime: startTime)
            self.openEvents[labels[label]] = OpenEvent(id: id, startTime: startTime)
            return EventRecord(
                phase: .started(score: score), id: id, source: self.source.id, label: labels[label], start: start,
                startTime: startTime, time: now)
        case .updated(let label, let start, let peak):
            guard let event = self.openEvents[labels[label]] else {
                preconditionFailure("an event continues that has not started")
            }
            return EventRecord(
                phase: .updated(peakScore: peak), id: event.id, source: self.source.id, label: labels[label],
                start: start, startTime: event.startTime, time: now)
        case .ended(let label, let start, let end, let peak, let isInterrupted):
            guard let event = self.openEvents.removeValue(forKey: labels[label]) else {
                preconditionFailure("an event ended that has not started")
            }
            return EventRecord(
                phase: .ended(
                    at: end, endTime: max(event.startTime, self.arrival(of: end, now: now)), peakScore: peak,
                    isInterrupted: isInterrupted),
                id: event.id, source: self.source.id, label: labels[label], start: start, startTime: event.startTime,
                time: now)
        }
    }

    private func labelRecord(
        _ decision: ScorePostprocessor.Decision, _ frame: CapturedFrame, isFast: Bool
    ) -> LabelRecord {
        let labels = self.configuration.labels.labels
        // Equal scores keep the order of the labels, so that two runs give the same record.
        let order = decision.scores.indices.sorted {
            decision.scores[$0] != decision.scores[$1] ? decision.scores[$0] > decision.scores[$1] : $0 < $1
        }
        let top = order.prefix(self.configuration.topCount).map {
            ScoredLabel(label: labels[$0], score: decision.scores[$0])
        }
        let score = decision.label.map { decision.scores[$0] } ?? 1 - (order.first.map { decision.scores[$0] } ?? 0)
        return LabelRecord(
            source: self.source.id, mediaTime: frame.time, time: .now,
            label: decision.label.map { labels[$0] }, score: score, top: top,
            mode: (isFast ? RecognitionMode.fast : .exact).rawValue, latency: frame.arrival.duration(to: .now))
    }
}
