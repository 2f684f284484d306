public import GerundCore

/// What is known of one sampled frame besides its pixels.
public struct CapturedFrame: Hashable, Sendable {
    /// Media time since the source's first frame; rises from frame to frame.
    public var time: MediaTime
    /// The number of the sampling grid's point that this frame stands for; rises, and skips points for which the
    /// source had no frame or whose frame was dropped.
    public var slot: Int64
    /// Rises when the source's timeline breaks (reopened, time stamps jumped): a window never spans two segments.
    public var segment: Int
    /// When the decoder handed the picture out: the start of the capture-to-label latency.
    public var arrival: ContinuousClock.Instant

    public init(time: MediaTime, slot: Int64, segment: Int, arrival: ContinuousClock.Instant) {
        self.time = time
        self.slot = slot
        self.segment = segment
        self.arrival = arrival
    }
}
