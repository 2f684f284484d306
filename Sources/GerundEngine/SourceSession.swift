import FoundationEssentials
import GerundCore
import GerundEvents
import GerundStream
import XCLIP

/// Recognition of one source, from its first frame to its last event.
///
/// Runs as one task; what it waits for is the next frame, the engine, and the sink.
struct SourceSession {
    private let source: any FrameSource
    private let engine: InferenceEngine
    private let shared: SharedTarget
    private let removal: SourceRemoval
    private let sink: any RecordSink
    private let eventIDs: EventIDs

    /// What windows are compared with, until that changes.
    private var target: RecognitionTarget
    private var configuration: RecognizerConfiguration { self.target.configuration }

    /// From the source's first frame on.
    private var reader: WindowReader?
    /// What is given up at present, as it was told last.
    private var rung: LoadLadder.Rung
    /// Frames that were left out since that was told last.
    private var leftOut: (count: Int, since: MediaTime)?
    /// Of a source that doesn't wait.
    private var waits: EndRecord.Waits?
    private var interpreter: WindowInterpreter
    private var audit: SourceAudit
    private var outcome = SourceOutcome()
    /// The newest frame of the footage that was looked at since the last break.
    private var lastTime: MediaTime?
    private var lastFrame: CapturedFrame?
    /// The ids of events that have started and not ended, by their labels.
    private var openEventIDs: [String: String] = [:]
    /// What the sink threw first.
    private var sinkError: (any Error)?

    init(
        source: any FrameSource, engine: InferenceEngine, target: SharedTarget, removal: SourceRemoval,
        sink: any RecordSink
    ) {
        let configuration = target.current.configuration
        self.source = source
        self.engine = engine
        self.shared = target
        self.removal = removal
        self.target = target.current
        self.sink = sink
        self.eventIDs = configuration.eventIDs(source)
        self.interpreter = WindowInterpreter(configuration: configuration)
        self.audit = SourceAudit(
            share: configuration.audit, seed: self.eventIDs.seed ?? .random(in: 0...UInt64.max))
        self.rung = LoadLadder.Rung(isFast: configuration.mode == .fast)
    }

    /// Recognizes until the source ends, is given up, or the task is cancelled; open events are ended in any case.
    ///
    /// - Throws: What the sink throws, after everything that was open has been ended.
    mutating func run() async throws -> SourceOutcome {
        await self.consume(self.source.start())
        self.reader.take()?.close()
        await self.tellLeftOut()
        await self.footageEnded(
            isInterrupted: Task.isCancelled || self.sinkError != nil || self.removal.isRequested)
        await self.tellRestOfAudit()
        await self.tell(
            .end(
                EndRecord(
                    source: self.source.id, frames: self.outcome.frames, windows: self.outcome.windows,
                    dropped: self.outcome.dropped, skipped: self.outcome.skipped, waits: self.waits)))
        await self.source.stop()
        if let sinkError { throw sinkError }
        return self.outcome
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
                await self.tellDropped(count, since: since)
            }
        }
    }

    private mutating func tellDropped(_ count: Int, since: MediaTime) async {
        self.outcome.dropped += count
        let now = Date.now
        await self.tell(
            .dropped(
                DroppedRecord(
                    source: self.source.id, frames: count, since: self.arrival(of: since, now: now), t: since,
                    time: now)))
    }

    private mutating func tellLeftOut() async {
        guard let leftOut = self.leftOut.take() else { return }
        await self.tellDropped(leftOut.count, since: leftOut.since)
    }

    /// When an unread frame came, as far as its distance from the last one that was read tells.
    private func arrival(of time: MediaTime, now: Date) -> Date {
        guard let last = self.lastFrame else { return now }
        let age = (last.arrival + (time - last.time)).duration(to: .now)
        return now.addingTimeInterval(-max(0, age.inSeconds))
    }

    private mutating func frameArrived(_ frame: CapturedFrame, _ feed: FrameFeed) async {
        await self.adoptChanges()
        let isLive = feed.policy == .dropOldest
        if isLive { await self.adoptRung() }
        var reader = self.takeReader(isLive: isLive)
        guard reader.wants(frame, rung: self.rung) else {
            self.reader = reader
            return await self.leaveOut(frame)
        }
        let isFast = self.rung.isFast
        let asked = ContinuousClock.now
        let queue = feed.metrics()
        let step = await reader.frameArrived(
            frame, feed, refresh: isFast ? .rows(self.configuration.refresh) : .all, self.target.vocabulary,
            rung: self.rung)
        self.reader = reader
        // What it would say of this frame is no answer.
        if Task.isCancelled { return }
        if isLive { self.measure(frame, queued: queue.depth + 1, asked: asked) }
        self.outcome.frames += 1
        self.outcome.skipped += step.isLate ? 1 : 0
        if step.isBreak { await self.footageEnded(isInterrupted: true) }
        self.lastTime = frame.time
        self.lastFrame = frame
        guard let window = step.window else {
            if step.isBreak { await self.tell(.warming) }
            return
        }

        self.outcome.windows += 1
        if isFast {
            await self.fastWindowArrived(window, frame, reader)
        } else {
            let reading = self.interpreter.windowArrived(logits: window.logits, at: frame.time)
            await self.tell(reading, frame, isFast: false)
        }
    }

    private mutating func measure(_ frame: CapturedFrame, queued: Int, asked: ContinuousClock.Instant) {
        var waits = self.waits ?? EndRecord.Waits()
        waits.queued = max(waits.queued, queued)
        waits.queue = max(waits.queue, frame.arrival.duration(to: asked))
        waits.engine = max(waits.engine, asked.duration(to: .now))
        self.waits = waits
    }

    /// A frame is dropped on purpose, together with others of which it is told at once.
    private mutating func leaveOut(_ frame: CapturedFrame) async {
        self.leftOut = ((self.leftOut?.count ?? 0) + 1, self.leftOut?.since ?? frame.time)
        if let since = self.leftOut?.since, frame.time - since >= Self.tellingPeriod { await self.tellLeftOut() }
    }

    /// Frames that are left out one by one are told of no more often than this.
    private static let tellingPeriod = Duration.seconds(60)

    /// Tells what is given up, or given back, since the last frame.
    private mutating func adoptRung() async {
        let rung = self.engine.rung
        guard rung != self.rung else { return }
        await self.tellLeftOut()
        self.rung = rung
        let mode = (rung.isFast ? RecognitionMode.fast : .exact).rawValue
        let rate = self.configuration.plan.rate / Double(rung.windowDivisor)
        let isTop = rung == LoadLadder.Rung(isFast: self.configuration.mode == .fast)
        await self.tell(
            isTop
                ? .recovered(mode: mode, rate: rate)
                : .degraded(mode: mode, rate: rate, dropping: rung.droppedShare))
    }

    /// A fast window that would start an event on a narrow margin is computed exactly first, and that result counts.
    private mutating func fastWindowArrived(
        _ window: WindowReader.Window, _ frame: CapturedFrame, _ reader: WindowReader
    ) async {
        let logits = window.logits
        var exact: [Float]?
        let bound = self.audit.tally.decisionBound
        if self.interpreter.startsDoubtfully(logits: logits, at: frame.time, bound: bound) {
            let logits = await reader.exactLogits(of: window, self.target.vocabulary)
            guard !logits.isEmpty else { return }
            exact = logits
            await self.tell(
                self.interpreter.exactWindowArrived(logits: logits, at: frame.time), frame, isFast: false)
        } else {
            await self.tell(self.interpreter.windowArrived(logits: logits, at: frame.time), frame, isFast: true)
        }
        // After the window was told, so that its latency is what it is without the audit; and not while windows are
        // given up for lack of time.
        guard self.rung.windowDivisor == 1, self.audit.isNextDrawn() else { return }
        if exact == nil { exact = await reader.exactLogits(of: window, self.target.vocabulary) }
        guard let exact, !exact.isEmpty else { return }
        let isDue = self.audit.windowArrived(
            exact: exact, logits: logits, labelCount: self.configuration.labels.labels.count)
        if isDue { await self.tellAudit() }
    }

    private mutating func tell(
        _ reading: WindowInterpreter.Reading, _ frame: CapturedFrame, isFast: Bool
    ) async {
        await self.tell(.label(self.labelRecord(reading, frame, isFast: isFast)))
        await self.tell(reading.changes)
    }

    private mutating func tellRestOfAudit() async {
        if !self.audit.tally.windows.isMultiple(of: SourceAudit.step) { await self.tellAudit() }
    }

    private mutating func tellAudit() async {
        let (tally, coverage) = (self.audit.tally, AuditTally.toldCoverage)
        await self.tell(
            .audit(
                AuditRecord(
                    source: self.source.id, t: self.lastFrame?.time ?? .zero, windows: tally.windows,
                    flips: tally.flips, largestChange: tally.largestChange, bound: tally.bound(coverage: coverage),
                    coverage: coverage, sample: tally.sample, time: .now)))
    }

    /// Between two windows: what the run is to recognize may be another since the last one.
    private mutating func adoptChanges() async {
        guard let target = self.shared.newer(than: self.target.number) else { return }
        let time = self.lastTime ?? .zero
        await self.tell(self.interpreter.change(to: target.configuration, at: time))
        if target.configuration.labels != self.configuration.labels {
            await self.tellRestOfAudit()
            self.audit.labelsChanged()
        }
        self.target = target
    }

    /// Whether the source loses frames shows only now that it is open.
    private mutating func takeReader(isLive: Bool) -> WindowReader {
        if let reader = self.reader.take() { return reader }
        let mode = self.configuration.mode
        return WindowReader(
            engine: self.engine, plan: self.configuration.plan,
            mayBeFast: mode == .fast || mode == .auto && isLive, isLive: isLive)
    }

    private mutating func stateChanged(_ state: SourceState) async {
        let told: SourceRecord.State
        switch state {
        case .opened(let description):
            self.outcome.wasOpened = true
            told = .open(
                codec: description.codec, width: description.width, height: description.height,
                rate: description.frameRate)
        case .lost(let reason, let retry):
            await self.footageEnded(isInterrupted: true)
            told = .lost(reason: reason, retry: retry)
        case .ended:
            await self.footageEnded(isInterrupted: false)
            told = .ended
        case .failed(let error):
            await self.footageEnded(isInterrupted: true)
            self.outcome.error = error
            told = .failed(reason: error.message)
        }
        await self.tell(told)
    }

    /// What is open ends with the last frame that was seen.
    private mutating func footageEnded(isInterrupted: Bool) async {
        guard let time = self.lastTime.take() else { return }
        await self.tell(self.interpreter.footageEnded(at: time, isInterrupted: isInterrupted))
    }

    private mutating func tell(_ state: SourceRecord.State) async {
        await self.tell(.source(SourceRecord(source: self.source.id, state: state, time: .now)))
    }

    private mutating func tell(_ changes: [EventSegmenter.Change]) async {
        for change in changes {
            await self.tell(.event(self.eventRecord(change, now: .now)))
        }
    }

    /// Also a sink that has failed is told what was open and how it ended: it may be two things, a pipe whose reader
    /// has gone and a log that is to be complete.
    private mutating func tell(_ record: Record) async {
        do {
            try await self.sink.take(record)
        } catch {
            self.sinkError = self.sinkError ?? error
        }
    }

    private mutating func eventRecord(_ change: EventSegmenter.Change, now: Date) -> EventRecord {
        let labels = self.configuration.labels.labels
        switch change {
        case .started(let label, let start, let score):
            let id = self.eventIDs.make(label: labels[label], start: start, now: now)
            self.openEventIDs[labels[label]] = id
            return EventRecord(
                phase: .start(score: score), id: id, source: self.source.id, label: labels[label], start: start,
                time: now)
        case .updated(let label, let start, let peak):
            guard let id = self.openEventIDs[labels[label]] else {
                preconditionFailure("an event goes on that never started")
            }
            return EventRecord(
                phase: .update(peak: peak), id: id, source: self.source.id, label: labels[label], start: start,
                time: now)
        case .ended(let label, let start, let end, let peak, let isInterrupted):
            guard let id = self.openEventIDs.removeValue(forKey: labels[label]) else {
                preconditionFailure("an event ended that never started")
            }
            return EventRecord(
                phase: .end(end, peak: peak, isInterrupted: isInterrupted), id: id, source: self.source.id,
                label: labels[label], start: start, time: now)
        }
    }

    private func labelRecord(
        _ reading: WindowInterpreter.Reading, _ frame: CapturedFrame, isFast: Bool
    ) -> LabelRecord {
        let labels = self.configuration.labels.labels
        // Equal scores keep the order of the labels, so that two runs give the same record.
        let order = reading.scores.indices.sorted {
            reading.scores[$0] != reading.scores[$1] ? reading.scores[$0] > reading.scores[$1] : $0 < $1
        }
        let top = order.prefix(self.configuration.topCount).map {
            ScoredLabel(label: labels[$0], score: reading.scores[$0])
        }
        let score = reading.label.map { reading.scores[$0] } ?? 1 - (order.first.map { reading.scores[$0] } ?? 0)
        return LabelRecord(
            source: self.source.id, t: frame.time, time: .now,
            label: reading.label.map { labels[$0] } ?? LabelRecord.none, score: score, top: top,
            mode: (isFast ? RecognitionMode.fast : .exact).rawValue, latency: frame.arrival.duration(to: .now))
    }
}
