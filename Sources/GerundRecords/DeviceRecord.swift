/// A V4L2 device, or one format and frame size of it.
public struct DeviceRecord: Sendable, Hashable {
    /// A pixel format with a frame size.
    public struct Mode: Sendable, Hashable {
        /// The format's name, such as `mjpeg`.
        public var format: String
        /// The width of a frame, in pixels.
        public var width: Int
        /// The height of a frame, in pixels.
        public var height: Int
        /// The frame rates, in frames per second; empty if the device doesn't list them.
        public var frameRates: [Double]

        /// Creates a mode.
        public init(format: String, width: Int, height: Int, frameRates: [Double]) {
            self.format = format
            self.width = width
            self.height = height
            self.frameRates = frameRates
        }
    }

    /// The device's path, such as `/dev/video0`.
    public var path: String
    /// The device's name.
    public var name: String
    /// The bus to which the device is attached, as the driver reports it.
    public var bus: String
    /// The reason that the device can't be used; `nil` if it can.
    public var error: String?
    /// A mode of the device; `nil` for a device that lists none.
    public var mode: Mode?

    /// Creates a record.
    public init(path: String, name: String, bus: String, error: String? = nil, mode: Mode? = nil) {
        self.path = path
        self.name = name
        self.bus = bus
        self.error = error
        self.mode = mode
    }
}

extension DeviceRecord: RecordProtocol {
    /// The value `device`.
    public static let recordType = "device"

    private enum CodingKeys: String, CodingKey {
        case type, path, name, bus, error, format, width, height
        case frameRates = "frame_rates"
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        try json.requireType(Self.recordType, forKey: .type)
        var mode: Mode?
        if let format = try json.decodeIfPresent(String.self, forKey: .format) {
            mode = Mode(
                format: format, width: try json.decode(Int.self, forKey: .width),
                height: try json.decode(Int.self, forKey: .height),
                frameRates: try json.decode([Double].self, forKey: .frameRates))
        }
        self.init(
            path: try json.decode(String.self, forKey: .path), name: try json.decode(String.self, forKey: .name),
            bus: try json.decode(String.self, forKey: .bus),
            error: try json.decodeIfPresent(String.self, forKey: .error), mode: mode)
    }

    /// Encodes the members that the schema documents; those of a mode only if there is one.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(Self.recordType, forKey: .type)
        try json.encode(self.path, forKey: .path)
        try json.encode(self.name, forKey: .name)
        try json.encode(self.bus, forKey: .bus)
        if let error { try json.encode(error, forKey: .error) }
        if let mode {
            try json.encode(mode.format, forKey: .format)
            try json.encode(mode.width, forKey: .width)
            try json.encode(mode.height, forKey: .height)
            try json.encode(mode.frameRates.map { FixedDecimal($0, decimals: 3) }, forKey: .frameRates)
        }
    }
}
