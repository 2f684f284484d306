/// The properties of a source's video stream, known once the source is open.
public struct StreamInfo: Hashable, Sendable {
    /// The libav name of the codec, such as `h264`.
    public var codec: String
    /// The libav name of the container or protocol, such as `mov,mp4,m4a,3gp,3g2,mj2` or `rtsp`.
    public var container: String
    /// The coded width of the frames, in pixels.
    public var width: Int
    /// The coded height of the frames, in pixels.
    public var height: Int
    /// The libav name of the pixel format, such as `yuv420p`; empty if the stream doesn't declare one.
    public var pixelFormat: String
    /// The number of frames per second that the stream declares; `nil` if it declares none.
    public var frameRate: Double?
    /// A Boolean value that indicates whether frames arrive in real time and the stream has no natural end, as from a
    /// camera.
    public var isLive: Bool
    /// The clockwise rotation that makes the frames upright, in degrees: 0, 90, 180 or 270.
    public var rotation: Int

    /// Creates the properties of a stream.
    ///
    /// - Parameters:
    ///   - codec: The libav name of the codec.
    ///   - container: The libav name of the container or protocol.
    ///   - width: The coded width, in pixels.
    ///   - height: The coded height, in pixels.
    ///   - pixelFormat: The libav name of the pixel format; empty if unknown.
    ///   - frameRate: The declared number of frames per second.
    ///   - isLive: Whether frames arrive in real time and the stream has no natural end.
    ///   - rotation: The clockwise rotation that makes the frames upright, in degrees.
    public init(
        codec: String, container: String = "", width: Int, height: Int, pixelFormat: String = "",
        frameRate: Double? = nil, isLive: Bool, rotation: Int = 0
    ) {
        self.codec = codec
        self.container = container
        self.width = width
        self.height = height
        self.pixelFormat = pixelFormat
        self.frameRate = frameRate
        self.isLive = isLive
        self.rotation = rotation
    }
}
