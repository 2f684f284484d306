public import GerundCore

/// The properties of a source, found by decoding a second of it.
public struct ProbeRecord: Sendable, Hashable {
    /// The source's name.
    public var source: SourceID
    /// The name of the video codec, such as `h264`.
    public var codec: String
    /// The name of the container format, such as `mov,mp4`.
    public var container: String
    /// The name of the pixel format, such as `yuv420p`.
    public var pixelFormat: String
    /// The width of a frame, in pixels; `nil` if none was decoded.
    public var width: Int?
    /// The height of a frame, in pixels; `nil` if none was decoded.
    public var height: Int?
    /// The clockwise rotation for display, in degrees.
    public var rotation: Int
    /// Frames per second, if the stream declares them.
    public var fps: Double?
    /// Frames per second as measured, if there were enough frames.
    public var measuredFPS: Double?
    /// The name of the color matrix, such as `bt709`, if it is known.
    public var colorMatrix: String?
    /// A Boolean value that indicates whether the color values use the full range.
    public var isFullRange: Bool
    /// The elapsed real time that opening the source took.
    public var timeToOpen: Duration
    /// The elapsed real time from opening to the first decoded frame; `nil` if none was decoded.
    public var timeToFirstFrame: Duration?
    /// Properties that may cause problems, each in one line.
    public var warnings: [String]

    /// Creates a record.
    public init(
        source: SourceID, codec: String, container: String, pixelFormat: String, width: Int?, height: Int?,
        rotation: Int, fps: Double?, measuredFPS: Double?, colorMatrix: String?, isFullRange: Bool,
        timeToOpen: Duration, timeToFirstFrame: Duration?, warnings: [String]
    ) {
        self.source = source
        self.codec = codec
        self.container = container
        self.pixelFormat = pixelFormat
        self.width = width
        self.height = height
        self.rotation = rotation
        self.fps = fps
        self.measuredFPS = measuredFPS
        self.colorMatrix = colorMatrix
        self.isFullRange = isFullRange
        self.timeToOpen = timeToOpen
        self.timeToFirstFrame = timeToFirstFrame
        self.warnings = warnings
    }
}

extension ProbeRecord: RecordProtocol {
    /// The value `probe`.
    public static let recordType = "probe"

    private enum CodingKeys: String, CodingKey {
        case type, source, codec, container
        case pixelFormat = "pixel_format"
        case width, height, rotation, fps
        case measuredFPS = "measured_fps"
        case colorMatrix = "color_matrix"
        case isFullRange = "full_range"
        case timeToOpen = "open_ms"
        case timeToFirstFrame = "first_frame_ms"
        case warnings
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        try json.requireType(Self.recordType, forKey: .type)
        self.init(
            source: try json.decodeSource(forKey: .source), codec: try json.decode(String.self, forKey: .codec),
            container: try json.decode(String.self, forKey: .container),
            pixelFormat: try json.decode(String.self, forKey: .pixelFormat),
            width: try json.decodeIfPresent(Int.self, forKey: .width),
            height: try json.decodeIfPresent(Int.self, forKey: .height),
            rotation: try json.decode(Int.self, forKey: .rotation),
            fps: try json.decodeIfPresent(Double.self, forKey: .fps),
            measuredFPS: try json.decodeIfPresent(Double.self, forKey: .measuredFPS),
            colorMatrix: try json.decodeIfPresent(String.self, forKey: .colorMatrix),
            isFullRange: try json.decode(Bool.self, forKey: .isFullRange),
            timeToOpen: try json.decodeDuration(millisecondsForKey: .timeToOpen),
            timeToFirstFrame: json.contains(.timeToFirstFrame)
                ? try json.decodeDuration(millisecondsForKey: .timeToFirstFrame) : nil,
            warnings: try json.decode([String].self, forKey: .warnings))
    }

    /// Encodes the members that the schema documents; those that are unknown are omitted.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(Self.recordType, forKey: .type)
        try json.encode(self.source, forKey: .source)
        try json.encode(self.codec, forKey: .codec)
        try json.encode(self.container, forKey: .container)
        try json.encode(self.pixelFormat, forKey: .pixelFormat)
        try json.encodeIfPresent(self.width, forKey: .width)
        try json.encodeIfPresent(self.height, forKey: .height)
        try json.encode(self.rotation, forKey: .rotation)
        if let fps { try json.encode(fps, decimals: 3, forKey: .fps) }
        if let measuredFPS { try json.encode(measuredFPS, decimals: 3, forKey: .measuredFPS) }
        try json.encodeIfPresent(self.colorMatrix, forKey: .colorMatrix)
        try json.encode(self.isFullRange, forKey: .isFullRange)
        try json.encodeMilliseconds(self.timeToOpen, forKey: .timeToOpen)
        if let timeToFirstFrame { try json.encodeMilliseconds(timeToFirstFrame, forKey: .timeToFirstFrame) }
        try json.encode(self.warnings, forKey: .warnings)
    }
}
