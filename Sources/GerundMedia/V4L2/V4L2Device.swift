public import GerundCore

/// A V4L2 device node and its capture formats.
public struct V4L2Device: Hashable, Sendable {
    /// A pixel format and frame size of a device, or a range of sizes.
    public struct Mode: Hashable, Sendable {
        /// The four-character code of the format, such as `YUYV` or `MJPG`: a value of the source option `format`.
        public var format: String
        /// The driver's name of the format.
        public var formatName: String
        /// The frame size; the smallest one of a range.
        public var size: PixelSize
        /// The largest frame size of a range; `nil` for a single size.
        public var maximumSize: PixelSize?
        /// The supported numbers of frames per second, in descending order; empty if the driver doesn't list them.
        public var frameRates: [Double]
    }

    /// The device node, such as `/dev/video0`: the address of the source.
    public var path: String
    /// The driver's name of the device.
    public var name: String
    /// The driver's name of the bus and port; empty if unknown.
    public var bus: String
    /// The supported formats and sizes.
    public var modes: [Mode]
    /// Why the device can't be queried and what to do about it; `nil` if it can.
    public var error: String?
}
