public import GerundCore

/// How a source is captured.
public struct CaptureConfiguration: Hashable, Sendable {
    /// How fast a source is read that doesn't set the pace itself: a file, a test graph, standard input.
    public enum Pace: Hashable, Sendable {
        /// As its presentation times say; who is too slow loses frames.
        case realtime
        /// As fast as the frames are taken; nothing is lost.
        case fast
    }

    /// The form in which frames are delivered.
    public var picture: PictureFormat
    /// The distance of two sampled frames, in media time.
    public var period: Duration
    /// Ignored by cameras, which are always real time.
    public var pace: Pace
    /// How many sampled frames may wait to be read.
    ///
    /// A real-time source drops the oldest beyond that, so this times ``period`` bounds the delay.
    public var bufferedFrames: Int
    /// How long resolving, connecting and finding out about the stream may take together.
    public var openTimeout: Duration
    /// A source that gives no packet for so long has stalled and is opened again.
    public var stallTimeout: Duration
    /// Whether a source that could not be opened even once is tried again.
    public var keepTrying: Bool
    /// The decoder's threads; `nil` for one on a camera, which adds no delay, and several on a file.
    public var decoderThreads: Int?
    /// Spreads the delays between attempts; the same seed gives the same delays.
    public var backoffSeed: UInt64

    public init(
        picture: PictureFormat, period: Duration, pace: Pace = .fast, bufferedFrames: Int = 4,
        openTimeout: Duration = .seconds(10), stallTimeout: Duration = .seconds(10), keepTrying: Bool = false,
        decoderThreads: Int? = nil, backoffSeed: UInt64 = .random(in: .min ... .max)
    ) {
        precondition(period >= .microseconds(1) && bufferedFrames > 0, "\(period), \(bufferedFrames) frames")
        precondition(openTimeout > .zero && stallTimeout > .zero, "time-outs: \(openTimeout), \(stallTimeout)")
        self.picture = picture
        self.period = period
        self.pace = pace
        self.bufferedFrames = bufferedFrames
        self.openTimeout = openTimeout
        self.stallTimeout = stallTimeout
        self.keepTrying = keepTrying
        self.decoderThreads = decoderThreads
        self.backoffSeed = backoffSeed
    }
}
