public import GerundCore

/// Turns a stream's presentation time stamps into media time, whatever a camera does with them.
///
/// Stamps may start anywhere, be missing, repeat, wrap around or jump. Media time starts at zero and rises; where it
/// can't be known how two frames lie to each other, a new segment begins.
///
/// A pure value. Feed it each decoded frame in presentation order.
public struct MediaTimeline: Sendable {
    /// Where a frame lies.
    public struct Position: Hashable, Sendable {
        public var time: MediaTime
        public var segment: Int
        /// Whether the frame is the segment's first.
        public var beginsSegment: Bool

        public init(time: MediaTime, segment: Int, beginsSegment: Bool) {
            self.time = time
            self.segment = segment
            self.beginsSegment = beginsSegment
        }
    }

    /// The limits within which time stamps are believed.
    public struct Limits: Hashable, Sendable {
        /// Whether frames arrive as they are made, so that the arrival tells what the stamps don't.
        public var isLive: Bool
        /// A stamp further ahead than this, beyond the time that has passed on a live source, is a break.
        public var forward: Duration
        /// A stamp further back than this is a break; up to it, the frame is merely late.
        public var backward: Duration

        public static let file = Limits(isLive: false, forward: .seconds(600), backward: .milliseconds(500))
        public static let live = Limits(isLive: true, forward: .seconds(10), backward: .milliseconds(500))
    }

    /// So many late frames in a row are no accident: the stamps have jumped back.
    static let lateLimit = 12

    private var limits: Limits
    private var timeBase = TimeBase(numerator: 1, denominator: 1_000_000)
    /// After how many ticks stamps start from zero again.
    private var wrap: Int128?
    private var frameDuration: Duration = .milliseconds(40)

    private var segment = 0
    /// The last placed frame.
    private var last: (time: MediaTime, stamp: Int64?, arrival: ContinuousClock.Instant)?
    /// A stamp and the time that it stands for; `nil` until the segment has a stamp.
    private var anchor: (stamp: Int128, time: MediaTime)?
    private var wasReopened = false
    private var lateCount = 0
    /// A stamp that didn't fit: believed when the next one fits to it.
    private var suspect: Int64?

    public init(limits: Limits) {
        self.limits = limits
    }

    /// The stream was opened, or opened again: what its stamps mean from now on.
    ///
    /// After the first time, the next frame begins a segment, later by the time that passed since the last frame.
    ///
    /// - Parameters:
    ///   - timeBase: The unit of the stamps.
    ///   - wrapBits: After how many bits stamps start from zero again; 0 or 64 for never.
    ///   - frameDuration: The usual distance of two frames, when the stream tells it.
    ///   - limits: When they turned out to be others than those given at first.
    public mutating func opened(
        timeBase: TimeBase, wrapBits: Int, frameDuration: Duration?, limits: Limits? = nil
    ) {
        if let limits { self.limits = limits }
        self.timeBase = timeBase
        self.wrap = (1..<64).contains(wrapBits) ? Int128(1) << wrapBits : nil
        if let frameDuration, frameDuration > .zero, frameDuration <= .seconds(10) {
            self.frameDuration = frameDuration
        }
        self.wasReopened = self.last != nil
    }

    /// - Parameters:
    ///   - stamp: The presentation time stamp in the stream's time base, when there is one.
    ///   - arrival: When the decoder gave the frame.
    /// - Returns: The frame's place, or `nil` when it can't be placed and must be left out.
    public mutating func place(stamp: Int64?, arrival: ContinuousClock.Instant) -> Position? {
        guard let last = self.last else { return self.begin(at: .zero, stamp, arrival) }
        if self.wasReopened {
            self.segment += 1
            return self.begin(at: last.time + max(arrival - last.arrival, self.frameDuration), stamp, arrival)
        }
        // A repeated stamp says as little as a missing one.
        guard let stamp, stamp != last.stamp else {
            return self.advance(by: self.usualDistance(to: arrival), stamp, arrival)
        }
        guard let distance = self.distance(to: stamp) else {
            // The first stamp of a segment that began without one.
            let position = self.advance(by: self.usualDistance(to: arrival), stamp, arrival)
            self.anchor = (Int128(stamp), position.time)
            return position
        }
        if distance > .zero, distance <= self.forwardLimit(at: arrival) {
            self.suspect = nil
            return self.advance(by: distance, stamp, arrival)
        }
        if distance <= .zero, distance >= .zero - self.limits.backward, self.lateCount < Self.lateLimit {
            self.lateCount += 1
            return nil
        }
        // One wild stamp is left out; a second one that fits to it is a jump.
        guard self.lateCount == Self.lateLimit || self.confirmsSuspect(stamp) else {
            self.suspect = stamp
            return nil
        }
        self.segment += 1
        return self.begin(at: last.time + self.usualDistance(to: arrival), stamp, arrival)
    }

    /// The first frame of a segment.
    private mutating func begin(
        at time: MediaTime, _ stamp: Int64?, _ arrival: ContinuousClock.Instant
    ) -> Position {
        self.last = (time, stamp, arrival)
        self.anchor = stamp.map { (Int128($0), time) }
        self.wasReopened = false
        self.lateCount = 0
        self.suspect = nil
        return Position(time: time, segment: self.segment, beginsSegment: true)
    }

    /// A further frame of the segment.
    private mutating func advance(
        by distance: Duration, _ stamp: Int64?, _ arrival: ContinuousClock.Instant
    ) -> Position {
        let time = (self.last?.time ?? .zero) + max(distance, .nanoseconds(1))
        self.last = (time, stamp, arrival)
        self.lateCount = 0
        return Position(time: time, segment: self.segment, beginsSegment: false)
    }

    /// From the last frame to `stamp`, by the anchor; `nil` without one.
    ///
    /// Moves the anchor when the stamps have wrapped around.
    private mutating func distance(to stamp: Int64) -> Duration? {
        guard let anchor = self.anchor, let last = self.last else { return nil }
        func distance(ticks: Int128) -> Duration {
            let time = self.timeBase.nanoseconds(ticks) + Int128(anchor.time.nanoseconds)
            return .nanoseconds(Int64(clamping: time - Int128(last.time.nanoseconds)))
        }
        let ticks = Int128(stamp) - anchor.stamp
        let plain = distance(ticks: ticks)
        guard let wrap = self.wrap, plain < .zero else { return plain }
        let turned = distance(ticks: ticks + wrap)
        guard turned <= self.limits.forward else { return plain }
        self.anchor = (anchor.stamp - wrap, anchor.time)
        return turned
    }

    /// What passes between two frames when the stamps don't tell.
    private func usualDistance(to arrival: ContinuousClock.Instant) -> Duration {
        guard self.limits.isLive, let last = self.last else { return self.frameDuration }
        return arrival - last.arrival
    }

    private func forwardLimit(at arrival: ContinuousClock.Instant) -> Duration {
        guard self.limits.isLive, let last = self.last else { return self.limits.forward }
        return self.limits.forward + max(arrival - last.arrival, .zero)
    }

    private func confirmsSuspect(_ stamp: Int64) -> Bool {
        guard let suspect = self.suspect else { return false }
        let step = self.timeBase.nanoseconds(Int128(stamp) - Int128(suspect))
        return step > 0 && step <= Int128(self.limits.forward.wholeNanoseconds)
    }
}
