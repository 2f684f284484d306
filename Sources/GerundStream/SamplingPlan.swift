/// Which frames of a stream are sampled, and which samples make up a window.
///
/// The frames of a window are ``frameInterval`` = window duration / frame count apart. A window rate above one window
/// per frame interval interleaves windows: frames are sampled ``interleaving`` times as densely, and each window takes
/// every `interleaving`-th sample. At a lower rate, only every ``hop``-th sample completes a window.
///
///     // A sample every 0.25 s; a window of every 4th sample; a new window with each sample.
///     try SamplingPlan(frameCount: 8, windowDuration: .seconds(8), windowRate: 4)
public struct SamplingPlan: Hashable, Sendable {
    /// The number of frames in a window.
    public let frameCount: Int
    /// The time that a window covers: ``frameCount`` frame intervals.
    public let windowDuration: Duration
    /// The media time between two samples.
    public let samplingInterval: Duration
    /// The number of samples from one frame of a window to the next; at least 1.
    public let interleaving: Int
    /// The number of samples from one window to the next; at least 1.
    public let hop: Int

    /// The largest number of frames in a window.
    public static let maximumFrameCount = 10_000
    /// The longest window.
    public static let maximumWindowDuration: Duration = .seconds(86_400)
    /// The largest number of windows per second.
    public static let maximumWindowRate = 1000.0
    /// The shortest interval between the frames of a window.
    public static let minimumFrameInterval: Duration = .milliseconds(1)

    /// Creates a plan.
    ///
    /// - Parameters:
    ///   - frameCount: The number of frames in a window, 1...``maximumFrameCount``.
    ///   - windowDuration: The time that a window covers: at least ``minimumFrameInterval`` per frame and at most
    ///     ``maximumWindowDuration``.
    ///   - windowRate: The number of windows per second, above 0 and at most ``maximumWindowRate``; `nil` for one
    ///     window per frame interval. Rounded so that ``interleaving`` or ``hop`` is a whole number: ``windowRate`` is
    ///     the rate after rounding.
    /// - Throws: ``SamplingPlanError`` if a value is out of range.
    public init(frameCount: Int, windowDuration: Duration, windowRate: Double? = nil) throws(SamplingPlanError) {
        guard (1...Self.maximumFrameCount).contains(frameCount) else {
            throw .invalidFrameCount(frameCount)
        }
        guard windowDuration >= Self.minimumFrameInterval * frameCount, windowDuration <= Self.maximumWindowDuration
        else { throw .invalidWindowDuration(seconds: windowDuration / .seconds(1), frameCount: frameCount) }
        if let windowRate, !(windowRate > 0 && windowRate <= Self.maximumWindowRate) {
            throw .invalidWindowRate(windowRate)
        }
        let frameInterval = windowDuration / frameCount
        let windowsPerFrame = (windowRate ?? 0) * (frameInterval / .seconds(1))
        let isInterleaved = windowsPerFrame >= 1
        self.frameCount = frameCount
        self.windowDuration = windowDuration
        self.interleaving = isInterleaved ? Int(windowsPerFrame.rounded()) : 1
        // A rate can be as small as the smallest `Double`.
        self.hop = isInterleaved || windowRate == nil ? 1 : max(1, Int(min(1 / windowsPerFrame, 1e9).rounded()))
        self.samplingInterval = frameInterval / self.interleaving
    }

    /// Creates a plan from a window duration that may be any number, such as one that a user wrote.
    ///
    /// - Parameters:
    ///   - frameCount: The number of frames in a window, 1...``maximumFrameCount``.
    ///   - windowSeconds: The time that a window covers, in seconds.
    ///   - windowRate: The number of windows per second, or `nil` for one window per frame interval.
    /// - Throws: ``SamplingPlanError`` if a value is out of range or not a number.
    public init(frameCount: Int, windowSeconds: Double, windowRate: Double? = nil) throws(SamplingPlanError) {
        // `Duration` traps on numbers that it can't represent.
        guard windowSeconds > 0, windowSeconds <= Self.maximumWindowDuration / .seconds(1) else {
            throw .invalidWindowDuration(seconds: windowSeconds, frameCount: frameCount)
        }
        try self.init(frameCount: frameCount, windowDuration: .seconds(windowSeconds), windowRate: windowRate)
    }

    /// The media time between two frames of a window.
    public var frameInterval: Duration { self.samplingInterval * self.interleaving }

    /// The media time from a window's oldest to its newest frame, one frame interval less than ``windowDuration``.
    public var windowExtent: Duration { self.frameInterval * (self.frameCount - 1) }

    /// The number of windows per second from a source that has a frame at every tick.
    public var windowRate: Double { .seconds(1) / (self.samplingInterval * self.hop) }

    /// The maximum number of samples in use at a time: those from a window's oldest tick, or the one that is held
    /// there, to its newest, and the next one that arrives.
    public var frameCapacity: Int { self.interleaving * (self.frameCount - 1) + 2 }
}
