import GerundCore
import GerundStream

/// What a source's thread does: open, read, sample, scale, hand over; and again after a failure, as the supervisor
/// decides.
struct CaptureLoop {
    private enum SessionEnd {
        case cancelled
        case ended
        case failed(CaptureError)
    }

    private let address: SourceAddress
    private let configuration: CaptureConfiguration
    private let feed: FrameFeed
    private let interrupt: Interrupt

    private var supervisor: SourceSupervisor
    private var timeline: MediaTimeline
    private var sampler: FrameSampler
    private var pacer: Pacer?

    init(address: SourceAddress, configuration: CaptureConfiguration, feed: FrameFeed, interrupt: Interrupt) {
        self.address = address
        self.configuration = configuration
        self.feed = feed
        self.interrupt = interrupt
        self.supervisor = SourceSupervisor(
            isLive: address.isLive, keepsTrying: configuration.keepTrying,
            backoff: Backoff(seed: configuration.backoffSeed))
        self.timeline = MediaTimeline(limits: address.isLive ? .live : .file)
        self.sampler = FrameSampler(period: configuration.period)
    }

    /// Runs until the source ends, is given up, or is cancelled. Finishes the feed.
    mutating func run() {
        while self.runOnce() {}
        self.feed.finish()
    }

    /// - Returns: Whether to open the source again.
    private mutating func runOnce() -> Bool {
        let action: SourceSupervisor.Action
        let reason: String
        switch self.runSession() {
        case .cancelled:
            return false
        case .ended:
            action = self.supervisor.ended()
            reason = "the stream ended"
        case .failed(let error):
            action = self.supervisor.failed(error)
            reason = error.reason
        }
        switch action {
        case .end:
            self.feed.post(.ended)
            return false
        case .giveUp(let error):
            self.feed.post(.failed(error))
            return false
        case .retry(let delay):
            self.feed.post(.lost(reason: reason, retryIn: delay))
            return self.interrupt.pause(delay)
        }
    }

    private mutating func runSession() -> SessionEnd {
        do throws(CaptureError) {
            var session = try CaptureSession.open(
                self.address, configuration: self.configuration, interrupt: self.interrupt)
            try self.refuseUnusedOptions(session.unusedOptions)
            self.sessionOpened(session)
            return try self.read(&session)
        } catch {
            return self.interrupt.isCancelled ? .cancelled : .failed(error)
        }
    }

    /// An option that the user gave and nobody knew would otherwise be lost in silence.
    private func refuseUnusedOptions(_ unused: [String]) throws(CaptureError) {
        let options = self.address.options
        let given = [
            ("video_size", options.size != nil, "size"), ("framerate", options.rate != nil, "rate"),
            ("rtsp_transport", options.transport != nil, "transport"),
            ("input_format", options.format != nil, "format"),
        ]
        for (key, isUsers, name) in given where isUsers && unused.contains(key) {
            throw CaptureError(
                code: .usage, source: self.address.id, message: "option '\(name)' has no meaning for what this is")
        }
    }

    private mutating func sessionOpened(_ session: borrowing CaptureSession) {
        let description = session.description
        self.supervisor.opened(isLive: description.isLive)
        self.timeline.opened(
            timeBase: session.timeBase, wrapBits: session.wrapBits,
            frameDuration: description.frameRate.map { .seconds(1 / $0) }, limits: description.isLive ? .live : .file)
        let isPaced = !description.isLive && self.configuration.pace == .realtime
        // Live streams over HTTP come in pieces of several seconds.
        self.pacer = isPaced || (description.isLive && self.address.kind == .http) ? Pacer() : nil
        self.feed.adopt(Self.policy(isLive: description.isLive, pace: self.configuration.pace))
        self.feed.post(.opened(description))
    }

    static func policy(isLive: Bool, pace: CaptureConfiguration.Pace) -> FeedPolicy {
        isLive || pace == .realtime ? .dropOldest : .wait
    }

    private mutating func read(_ session: inout CaptureSession) throws(CaptureError) -> SessionEnd {
        var scaler = Scaler(format: self.configuration.picture)
        while true {
            switch try session.next() {
            case .ended:
                return self.interrupt.isCancelled ? .cancelled : .ended
            case .damaged:
                self.feed.count(damaged: 1)
                if self.interrupt.isCancelled { return .cancelled }
            case .picture:
                guard try self.deliver(session, &scaler) else { return .cancelled }
            }
        }
    }

    /// Samples the session's picture.
    ///
    /// - Returns: `false` when nobody wants pictures any more.
    private mutating func deliver(
        _ session: borrowing CaptureSession, _ scaler: inout Scaler
    ) throws(CaptureError) -> Bool {
        var arrival = ContinuousClock.now
        let usesArrival = session.description.isLive && !session.hasTimestamps
        let stamp = usesArrival ? nil : session.frame.presentationTimestamp
        let position = self.timeline.place(stamp: stamp, arrival: arrival)
        self.feed.count(decoded: 1, damaged: session.frame.isDamaged || position == nil ? 1 : 0)
        guard let position else { return !self.interrupt.isCancelled }
        if let delay = self.pacer?.delay(before: position.time, now: arrival), delay > .zero {
            guard self.interrupt.pause(delay) else { return false }
            arrival = .now
        }
        self.supervisor.frameArrived(now: arrival)
        if position.beginsSegment { self.sampler.segmentBegan() }
        guard let slot = self.sampler.frameArrived(at: position.time) else { return !self.interrupt.isCancelled }
        let captured = CapturedFrame(
            time: position.time, slot: slot, segment: position.segment, arrival: arrival)
        let orientation = session.frame.orientation ?? session.orientation
        do throws(LibAVError) {
            return try self.feed.offer(captured) { pixels throws(LibAVError) in
                try scaler.scale(session.frame, orientation: orientation, into: &pixels)
            }
        } catch {
            throw CaptureError(error, at: self.address, while: .reading)
        }
    }
}

extension CaptureError {
    /// The message with the library's own words, without the source's name.
    fileprivate var reason: String {
        self.message + (self.cause.map { " (\($0))" } ?? "")
    }
}
