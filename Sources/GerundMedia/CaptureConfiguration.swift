public import GerundCore

/// The options with which a source is captured.
public struct CaptureConfiguration: Hashable, Sendable {
    /// The speed at which a source without an inherent pace is read: a file, a lavfi graph, or standard input.
    public enum Pace: String, Hashable, Sendable, CaseIterable {
        /// In real time, by presentation time. A consumer that is too slow loses frames.
        case realtime
        /// As fast as the consumer takes the frames. No frame is lost.
        case unpaced
    }

    /// The format in which frames are delivered.
    public var frameFormat: FrameFormat
    /// The media time between two sampled frames.
    public var samplingInterval: Duration
    /// The speed at which the source is read.
    ///
    /// Cameras are always read in real time.
    public var pace: Pace
    /// The maximum number of sampled frames that wait for the consumer.
    ///
    /// A real-time source drops the oldest beyond that, so that the capacity times ``samplingInterval`` bounds the
    /// delay.
    public var bufferCapacity: Int
    /// The time limit for resolving the host, connecting and analyzing the stream together.
    public var openTimeout: Duration
    /// The time without a packet after which a source is considered stalled and is reopened.
    public var stallTimeout: Duration
    /// A Boolean value that indicates whether a source that could never be opened is tried again.
    public var retriesInitialFailure: Bool
    /// The number of decoder threads; `nil` for one on a live source, which adds no delay, and several on a file.
    public var decoderThreads: Int?
    /// The seed of the jitter in the delays between connection attempts.
    ///
    /// The same seed gives the same delays.
    public var backoffSeed: UInt64

    /// The default time without a packet after which a source is reopened.
    public static let defaultStallTimeout: Duration = .seconds(10)

    /// Creates a configuration.
    ///
    /// - Parameters:
    ///   - frameFormat: The format in which frames are delivered.
    ///   - samplingInterval: The media time between two sampled frames, at least a microsecond.
    ///   - pace: The speed at which a source that isn't live is read.
    ///   - bufferCapacity: The maximum number of sampled frames that wait for the consumer, at least 1.
    ///   - openTimeout: The time limit for opening, above zero.
    ///   - stallTimeout: The time without a packet after which a source is reopened, above zero.
    ///   - retriesInitialFailure: Whether a source that could never be opened is tried again.
    ///   - decoderThreads: The number of decoder threads, or `nil` for the default.
    ///   - backoffSeed: The seed of the jitter in the delays between connection attempts.
    public init(
        frameFormat: FrameFormat, samplingInterval: Duration, pace: Pace = .unpaced, bufferCapacity: Int = 4,
        openTimeout: Duration = .seconds(10), stallTimeout: Duration = Self.defaultStallTimeout,
        retriesInitialFailure: Bool = false, decoderThreads: Int? = nil,
        backoffSeed: UInt64 = .random(in: .min ... .max)
    ) {
        precondition(samplingInterval >= .microseconds(1), "invalid sampling interval \(samplingInterval)")
        precondition(bufferCapacity > 0, "invalid buffer capacity \(bufferCapacity)")
        precondition(openTimeout > .zero && stallTimeout > .zero, "invalid time-outs \(openTimeout), \(stallTimeout)")
        self.frameFormat = frameFormat
        self.samplingInterval = samplingInterval
        self.pace = pace
        self.bufferCapacity = bufferCapacity
        self.openTimeout = openTimeout
        self.stallTimeout = stallTimeout
        self.retriesInitialFailure = retriesInitialFailure
        self.decoderThreads = decoderThreads
        self.backoffSeed = backoffSeed
    }
}
