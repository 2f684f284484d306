import GerundCore
import GerundStream

/// The work of a source's thread: opens the source, reads, samples, scales and sends frames, and reopens the source
/// after a failure as ``ReconnectStateMachine`` decides.
struct CaptureLoop {
    private enum SessionEnd {
        case cancelled
        case ended
        case failed(CaptureError)
    }

    private let address: SourceAddress
    private let configuration: CaptureConfiguration
    private let feed: FrameFeed
    private let interrupt: InterruptToken

    private var reconnection: ReconnectStateMachine
    private var timeline: MediaTimeline
    private var sampler: FrameSampler
    private var pacer: Pacer?

    init(address: SourceAddress, configuration: CaptureConfiguration, feed: FrameFeed, interrupt: InterruptToken) {
        self.address = address
        self.configuration = configuration
        self.feed = feed
        self.interrupt = interrupt
        self.reconnection = ReconnectStateMachine(
            isLive: address.isLive, retriesInitialFailure: configuration.retriesInitialFailure,
            backoff: Backoff(seed: configuration.backoffSeed))
        self.timeline = MediaTimeline(limits: address.isLive ? .live : .file)
        self.sampler = FrameSampler(samplingInterval: configuration.samplingInterval)
    }

    /// Runs until the source ends, fails for good, or is cancelled.
    ///
    /// Finishes the feed.
    mutating func run() {
        while self.runOnce() {}
        self.feed.finish()
    }

    /// Opens and reads the source once.
    ///
    /// - Returns: `true` if the source must be opened again.
    private mutating func runOnce() -> Bool {
        let action: ReconnectStateMachine.Action
        let reason: String
        switch self.runSession() {
        case .cancelled:
            return false
        case .ended:
            action = self.reconnection.ended()
            reason = "the stream ended"
        case .failed(let error):
            action = self.reconnection.failed(error)
            reason = error.reason
        }
        switch action {
        case .finish:
            self.feed.send(.ended)
            return false
        case .fail(let error):
            self.feed.send(.failed(error))
            return false
        case .retry(let delay):
            self.feed.send(.disconnected(reason: reason, retryAfter: delay))
            return self.interrupt.sleep(for: delay)
        }
    }

    private mutating func runSession() -> SessionEnd {
        do throws(CaptureError) {
            var session = try CaptureSession.open(
                self.address, configuration: self.configuration, interrupt: self.interrupt)
            try self.checkUnusedOptions(session.unusedOptions)
            self.sessionOpened(session)
            return try self.read(&session)
        } catch {
            return self.interrupt.isCancelled ? .cancelled : .failed(error)
        }
    }

    /// Throws if libav has ignored an option that the user gave: it would have no effect, silently.
    private func checkUnusedOptions(_ unused: [String]) throws(CaptureError) {
        let options = self.address.options
        let given = [
            ("video_size", options.size != nil, "size"), ("framerate", options.fps != nil, "fps"),
            ("rtsp_transport", options.transport != nil, "transport"),
            ("input_format", options.format != nil, "format"),
        ]
        for (key, isGiven, name) in given where isGiven && unused.contains(key) {
            throw CaptureError(
                code: .invalidAddress, source: self.address.id,
                message: "option '\(name)' is not supported for this source")
        }
    }

    private mutating func sessionOpened(_ session: borrowing CaptureSession) {
        let info = session.info
        self.reconnection.connected(isLive: info.isLive)
        self.timeline.streamOpened(
            timeBase: session.timeBase, wrapBits: session.wrapBits,
            frameDuration: info.frameRate.map { .seconds(1 / $0) }, limits: info.isLive ? .live : .file)
        let isPaced = !info.isLive && self.configuration.pace == .realtime
        // Live streams over HTTP (HLS) arrive in segments of several seconds.
        self.pacer = isPaced || (info.isLive && self.address.kind == .http) ? Pacer() : nil
        self.feed.overflowPolicy = Self.overflowPolicy(isLive: info.isLive, pace: self.configuration.pace)
        self.feed.send(.connected(info))
    }

    /// Returns what happens to the frames of a source when its consumer is too slow.
    static func overflowPolicy(isLive: Bool, pace: CaptureConfiguration.Pace) -> OverflowPolicy {
        isLive || pace == .realtime ? .dropOldest : .block
    }

    private mutating func read(_ session: inout CaptureSession) throws(CaptureError) -> SessionEnd {
        var scaler = Scaler(format: self.configuration.frameFormat)
        while true {
            switch try session.next() {
            case .ended:
                return self.interrupt.isCancelled ? .cancelled : .ended
            case .corrupt:
                self.feed.recordDecoded(0, corrupt: 1)
                if self.interrupt.isCancelled { return .cancelled }
            case .frame:
                guard try self.deliver(session, &scaler) else { return .cancelled }
            }
        }
    }

    /// Samples the session's frame and sends it if a tick is due.
    ///
    /// - Returns: `false` if the source was cancelled or the feed closed.
    private mutating func deliver(
        _ session: borrowing CaptureSession, _ scaler: inout Scaler
    ) throws(CaptureError) -> Bool {
        var arrival = ContinuousClock.now
        let usesArrival = session.info.isLive && !session.hasTimestamps
        let pts = usesArrival ? nil : session.frame.presentationTimestamp
        let action = self.timeline.frameDecoded(pts: pts, arrival: arrival)
        self.feed.recordDecoded(1, corrupt: session.frame.isCorrupt || action == .discard ? 1 : 0)
        guard case .use(let position) = action else { return !self.interrupt.isCancelled }
        if let delay = self.pacer?.delay(before: position.time, now: arrival), delay > .zero {
            guard self.interrupt.sleep(for: delay) else { return false }
            arrival = .now
        }
        self.reconnection.frameArrived(now: arrival)
        if position.beginsSegment { self.sampler.segmentBegan() }
        guard let tick = self.sampler.frameArrived(at: position.time) else { return !self.interrupt.isCancelled }
        let captured = CapturedFrame(
            time: position.time, tick: tick, segment: position.segment, arrival: arrival)
        let orientation = session.frame.orientation ?? session.orientation
        do throws(LibAVError) {
            return try self.feed.send(captured) { pixels throws(LibAVError) in
                try scaler.scale(session.frame, orientation: orientation, into: &pixels)
            }
        } catch {
            throw CaptureError(error, at: self.address, while: .reading)
        }
    }
}
