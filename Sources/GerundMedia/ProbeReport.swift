public import GerundCore
public import GerundStream

/// The findings of a short look at a source.
public struct ProbeReport: Hashable, Sendable {
    /// The properties of the stream.
    public var description: StreamInfo
    /// The time from the start of opening until the stream's parameters were known.
    public var timeToOpen: Duration
    /// The time from the start of opening until the first frame; `nil` if there was none.
    public var timeToFirstFrame: Duration?
    /// The number of decoded frames.
    public var frameCount: Int
    /// The number of frames per second by presentation time; `nil` with fewer than two frames.
    public var measuredRate: Double?
    /// The size of the first frame, in pixels.
    ///
    /// It may differ from the size that the stream declares.
    public var frameSize: PixelSize?
    /// The width of a pixel divided by its height; 1 for square pixels.
    public var pixelAspectRatio: Double
    /// The clockwise rotation that makes frames upright, in degrees.
    public var rotation: Int
    /// The matrix of the color conversion: `bt601`, `bt709`, `bt2020`, `fcc` or `smpte240m`; `nil` without a frame.
    public var colorMatrix: String?
    /// A Boolean value that indicates whether black is 0 and white 255, rather than 16 and 235.
    public var isFullRange: Bool
    /// The problems found, each one line that says what to do about it.
    public var warnings: [String]
}
