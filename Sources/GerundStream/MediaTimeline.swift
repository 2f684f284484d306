public import GerundCore

/// A state machine that converts presentation timestamps (PTS) to media time.
///
/// Handles an arbitrary start and missing, repeated, late, wrapped and discontinuous timestamps. Media time starts at
/// zero and increases strictly. Where the interval between two frames can't be known, a discontinuity, a new
/// segment begins.
public struct MediaTimeline: Sendable {
    /// A frame's position on the timeline.
    public struct Position: Hashable, Sendable {
        /// The media time since the source's first frame.
        public var time: MediaTime
        /// The number of discontinuities before the frame.
        public var segment: Int
        /// A Boolean value that indicates whether the frame is the first of its segment.
        public var beginsSegment: Bool

        /// Creates a position.
        ///
        /// - Parameters:
        ///   - time: The media time since the source's first frame.
        ///   - segment: The number of discontinuities before the frame.
        ///   - beginsSegment: Whether the frame is the first of its segment.
        public init(time: MediaTime, segment: Int, beginsSegment: Bool) {
            self.time = time
            self.segment = segment
            self.beginsSegment = beginsSegment
        }
    }

    /// The action that the caller must take for a decoded frame.
    public enum FrameAction: Hashable, Sendable {
        /// Use the frame at this position.
        case use(Position)
        /// Discard the frame: it is late, or its PTS is out of range.
        case discard
    }

    /// The range in which a PTS is accepted as continuing the timeline.
    public struct Limits: Hashable, Sendable {
        /// A Boolean value that indicates whether frames arrive in real time, so that arrival times can replace missing
        /// timestamps.
        public var isLive: Bool
        /// The largest accepted jump ahead; on a live source, beyond the wall time since the last frame.
        ///
        /// A larger one is a discontinuity.
        public var maximumForwardJump: Duration
        /// The largest jump back that counts as a late frame.
        ///
        /// A larger one is a discontinuity.
        public var maximumBackwardJump: Duration

        /// The limits of a file: 10 minutes ahead, 0.5 s back.
        public static let file = Limits(
            isLive: false, maximumForwardJump: .seconds(600), maximumBackwardJump: .milliseconds(500))
        /// The limits of a camera: 10 s ahead, 0.5 s back.
        public static let live = Limits(
            isLive: true, maximumForwardJump: .seconds(10), maximumBackwardJump: .milliseconds(500))
    }

    /// The number of consecutive late frames after which the PTS is assumed to have jumped back.
    static let maximumConsecutiveLateFrames = 12
    /// The end of the timeline, about 146 years.
    ///
    /// Later frames, which only a forged file can have, are discarded, so that no arithmetic on media times can
    /// overflow.
    static let maximumTime = MediaTime(nanoseconds: .max / 2)

    private var limits: Limits
    private var timeBase = TimeBase(numerator: 1, denominator: 1_000_000)
    /// The number of ticks after which PTS wrap around.
    private var ptsModulus: Int128?
    private var frameDuration: Duration = .milliseconds(40)

    private var segment = 0
    /// The last frame that was used.
    private var last: (time: MediaTime, pts: Int64?, arrival: ContinuousClock.Instant)?
    /// A PTS and its media time; `nil` until the segment has a PTS.
    private var anchor: (pts: Int128, time: MediaTime)?
    private var wasReopened = false
    private var lateCount = 0
    /// An out-of-range PTS; accepted as a discontinuity if the next PTS confirms it.
    private var pendingDiscontinuity: Int64?

    /// Creates a timeline without frames.
    ///
    /// - Parameter limits: The range in which a PTS is accepted.
    public init(limits: Limits) {
        self.limits = limits
    }

    /// Sets the meaning of timestamps after the stream was opened or reopened.
    ///
    /// After a reopening, the next frame begins a segment, later than the last frame by the wall time that has passed.
    ///
    /// - Parameters:
    ///   - timeBase: The unit of the PTS.
    ///   - wrapBits: The number of bits after which PTS wrap around; 0 or 64 if they don't.
    ///   - frameDuration: The nominal interval between two frames, if the stream declares one. Ignored above 10 s.
    ///   - limits: The limits to use from now on, if they changed.
    public mutating func streamOpened(
        timeBase: TimeBase, wrapBits: Int, frameDuration: Duration?, limits: Limits? = nil
    ) {
        if let limits { self.limits = limits }
        self.timeBase = timeBase
        self.ptsModulus = (1..<64).contains(wrapBits) ? Int128(1) << wrapBits : nil
        if let frameDuration, frameDuration > .zero, frameDuration <= .seconds(10) {
            self.frameDuration = frameDuration
        }
        self.wasReopened = self.last != nil
    }

    /// Assigns a position to a frame.
    ///
    /// This method must be called for each decoded frame, in presentation order.
    ///
    /// - Parameters:
    ///   - pts: The presentation timestamp in the stream's time base; `nil` if the frame has none.
    ///   - arrival: The time at which the decoder output the frame.
    /// - Returns: The action to take.
    public mutating func frameDecoded(pts: Int64?, arrival: ContinuousClock.Instant) -> FrameAction {
        guard let last = self.last else { return self.begin(at: .zero, pts, arrival) }
        if self.wasReopened {
            guard let time = self.time(after: max(arrival - last.arrival, self.frameDuration)) else { return .discard }
            self.segment += 1
            return self.begin(at: time, pts, arrival)
        }
        // A repeated PTS carries no more information than a missing one.
        guard let pts, pts != last.pts else {
            return self.advance(by: self.nominalInterval(to: arrival), pts, arrival)
        }
        guard let interval = self.interval(to: pts) else {
            // The first PTS of a segment that began without one.
            let action = self.advance(by: self.nominalInterval(to: arrival), pts, arrival)
            if case .use(let position) = action { self.anchor = (Int128(pts), position.time) }
            return action
        }
        if interval > .zero, interval <= self.forwardLimit(at: arrival) {
            self.pendingDiscontinuity = nil
            return self.advance(by: interval, pts, arrival)
        }
        if interval <= .zero, interval >= .zero - self.limits.maximumBackwardJump,
            self.lateCount < Self.maximumConsecutiveLateFrames
        {
            self.lateCount += 1
            return .discard
        }
        // A single out-of-range PTS is discarded; a second one that continues it is a discontinuity.
        guard self.lateCount == Self.maximumConsecutiveLateFrames || self.confirmsDiscontinuity(pts),
            let time = self.time(after: self.nominalInterval(to: arrival))
        else {
            self.pendingDiscontinuity = pts
            return .discard
        }
        self.segment += 1
        return self.begin(at: time, pts, arrival)
    }

    /// Uses a frame as the first of a segment.
    private mutating func begin(
        at time: MediaTime, _ pts: Int64?, _ arrival: ContinuousClock.Instant
    ) -> FrameAction {
        self.last = (time, pts, arrival)
        self.anchor = pts.map { (Int128($0), time) }
        self.wasReopened = false
        self.lateCount = 0
        self.pendingDiscontinuity = nil
        return .use(Position(time: time, segment: self.segment, beginsSegment: true))
    }

    /// Uses a frame as the next one of the segment.
    private mutating func advance(
        by interval: Duration, _ pts: Int64?, _ arrival: ContinuousClock.Instant
    ) -> FrameAction {
        guard let time = self.time(after: interval) else { return .discard }
        self.last = (time, pts, arrival)
        self.lateCount = 0
        return .use(Position(time: time, segment: self.segment, beginsSegment: false))
    }

    /// Returns the media time an interval after the last frame, at least a nanosecond; `nil` beyond the end of the
    /// timeline.
    private func time(after interval: Duration) -> MediaTime? {
        let last = (self.last?.time ?? .zero).nanoseconds
        let (time, overflow) = last.addingReportingOverflow(max(interval, .nanoseconds(1)).truncatedNanoseconds)
        return overflow || time > Self.maximumTime.nanoseconds ? nil : MediaTime(nanoseconds: time)
    }

    /// Returns the interval from the last frame to `pts`, measured from the anchor; `nil` without an anchor.
    ///
    /// Moves the anchor if the timestamps have wrapped around.
    private mutating func interval(to pts: Int64) -> Duration? {
        guard let anchor = self.anchor, let last = self.last else { return nil }
        func interval(ticks: Int128) -> Duration {
            let time = self.timeBase.nanoseconds(ticks) + Int128(anchor.time.nanoseconds)
            return .nanoseconds(Int64(clamping: time - Int128(last.time.nanoseconds)))
        }
        let ticks = Int128(pts) - anchor.pts
        let plain = interval(ticks: ticks)
        guard let ptsModulus = self.ptsModulus, plain < .zero else { return plain }
        let wrapped = interval(ticks: ticks + ptsModulus)
        guard wrapped <= self.limits.maximumForwardJump else { return plain }
        self.anchor = (anchor.pts - ptsModulus, anchor.time)
        return wrapped
    }

    /// Returns the time that is assumed between two frames when the timestamps don't define it.
    private func nominalInterval(to arrival: ContinuousClock.Instant) -> Duration {
        guard self.limits.isLive, let last = self.last else { return self.frameDuration }
        return arrival - last.arrival
    }

    private func forwardLimit(at arrival: ContinuousClock.Instant) -> Duration {
        guard self.limits.isLive, let last = self.last else { return self.limits.maximumForwardJump }
        return self.limits.maximumForwardJump + max(arrival - last.arrival, .zero)
    }

    private func confirmsDiscontinuity(_ pts: Int64) -> Bool {
        guard let pending = self.pendingDiscontinuity else { return false }
        let step = self.timeBase.nanoseconds(Int128(pts) - Int128(pending))
        return step > 0 && step <= Int128(self.limits.maximumForwardJump.truncatedNanoseconds)
    }
}
