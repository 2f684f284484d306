/// How often frames are sampled, and which of them make a window.
///
/// A window's frames lie `spacing` = span / frame count apart. A window rate above one per spacing interleaves:
/// frames are sampled `phases` times as densely, and every window takes each `phases`-th of them. A rate below
/// makes a window of every `stride`-th frame only.
///
///     WindowPlan(frameCount: 8, span: .seconds(8), rate: 4)   // period 0.25 s, phases 4, stride 1
public struct WindowPlan: Hashable, Sendable {
    /// Frames in a window.
    public let frameCount: Int
    /// The time that a window covers.
    public let span: Duration
    /// The distance of sampled frames.
    public let period: Duration
    /// Sampled frames from one frame of a window to the next.
    public let phases: Int
    /// Sampled frames from one window to the next.
    public let stride: Int

    /// - Parameters:
    ///   - span: At least a millisecond for each frame.
    ///   - rate: Windows per second; `nil` for one window each sampled frame without interleaving. Rounded to a whole
    ///     number of phases, or of frames between windows: ``rate`` tells what came out.
    public init(frameCount: Int, span: Duration, rate: Double? = nil) {
        precondition(frameCount > 0 && span >= .milliseconds(frameCount), "\(frameCount) frames in \(span)")
        precondition(rate.map { $0 > 0 && $0 <= 1000 } ?? true, "\(rate ?? 0) windows per second")
        let spacing = span / frameCount
        let windows = (rate ?? 0) * (spacing / .seconds(1))
        let isDenser = windows >= 1
        self.frameCount = frameCount
        self.span = span
        self.phases = isDenser ? Int(windows.rounded()) : 1
        self.stride = isDenser || rate == nil ? 1 : max(1, Int(min(1 / windows, 1e9).rounded()))
        self.period = spacing / self.phases
    }

    /// The distance of a window's frames.
    public var spacing: Duration { self.period * self.phases }

    /// From a window's oldest to its newest frame.
    public var windowLength: Duration { self.spacing * (self.frameCount - 1) }

    /// Windows per second, when the source has a frame for each point of the grid.
    public var rate: Double { .seconds(1) / (self.period * self.stride) }

    /// How many sampled frames windows to come may consist of: those between a window's first and last point, and one
    /// that still stands from before.
    public var keptFrames: Int { self.phases * (self.frameCount - 1) + 2 }
}
