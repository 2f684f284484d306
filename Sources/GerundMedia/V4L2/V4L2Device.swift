/// A V4L2 device node and what it can capture.
public struct V4L2Device: Hashable, Sendable {
    /// One of the device's pictures: a format in one size.
    public struct Mode: Hashable, Sendable {
        /// The format's four characters, such as `YUYV` or `MJPG`: what the option `format=` takes.
        public var format: String
        /// The driver's words for the format.
        public var formatName: String
        /// In pixels; the smallest of a range.
        public var width: Int
        /// In pixels; the smallest of a range.
        public var height: Int
        /// The largest size, where the device takes every size from the smallest on.
        public var largest: Size?
        /// Frames per second, fastest first; empty when the driver doesn't tell.
        public var rates: [Double]
    }

    public struct Size: Hashable, Sendable {
        public var width: Int
        public var height: Int
    }

    /// The node, such as `/dev/video0`: the source's address.
    public var path: String
    /// What the driver calls the device.
    public var name: String
    /// Where the device is plugged in, as the driver says; empty when it is unknown.
    public var bus: String
    public var modes: [Mode]
    /// Why nothing more is known of the device, with what to do about it; `nil` when all is well.
    public var problem: String?
}
