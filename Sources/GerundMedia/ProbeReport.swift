public import GerundStream

/// What a short look at a source has shown.
public struct ProbeReport: Hashable, Sendable {
    public var description: SourceDescription
    /// From the start of opening until the stream's parameters were known.
    public var timeToOpen: Duration
    /// From the start of opening until the first picture; `nil` when none came.
    public var timeToFirstPicture: Duration?
    /// Pictures seen.
    public var pictures: Int
    /// Frames per second by the pictures' own times; `nil` with fewer than two.
    public var measuredRate: Double?
    /// The size of the first picture, which may differ from what the stream declares, in pixels.
    public var pictureSize: Size?
    /// The shape of a pixel, width by height; 1 for square ones.
    public var pixelAspect: Double
    /// Degrees by which pictures are turned clockwise.
    public var rotation: Int
    /// The matrix by which colours are converted: `bt601`, `bt709`, `bt2020`, ...
    public var colorMatrix: String?
    /// Whether black is 0 and white 255.
    public var isFullRange: Bool
    /// What is wrong or unusual, each a sentence with what to do about it.
    public var warnings: [String]

    public struct Size: Hashable, Sendable {
        public var width: Int
        public var height: Int
    }
}
