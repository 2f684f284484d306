/// What is known of a source's video stream once it is open.
public struct SourceDescription: Hashable, Sendable {
    /// The codec by libav's name, such as `h264`.
    public var codec: String
    /// The container or protocol by libav's name, such as `mov,mp4,m4a,3gp,3g2,mj2` or `rtsp`.
    public var container: String
    /// The picture's width as coded, in pixels.
    public var width: Int
    /// The picture's height as coded, in pixels.
    public var height: Int
    /// The pixel format by libav's name, such as `yuv420p`; empty when the stream doesn't say.
    public var pixelFormat: String
    /// Frames per second as the stream declares them; `nil` when it doesn't.
    public var frameRate: Double?
    /// Whether frames come at their own pace and end only by accident: a camera, not a file.
    public var isLive: Bool
    /// By how many degrees the picture is turned clockwise before it is used: 0, 90, 180 or 270.
    public var rotation: Int

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
