import CVideo4Linux
import Glibc

/// The V4L2 devices of this machine.
public enum V4L2Devices {
    /// Where the kernel lists them.
    private static let folder = "/sys/class/video4linux"
    /// A driver that never says "that was all" is cut off here.
    private static let enumerationLimit: UInt32 = 256

    /// Lists the nodes that capture, in the order of their numbers. Asks the devices, but doesn't start them.
    ///
    /// - Returns: Empty when there are none; a device that can't be opened is listed with the reason.
    public static func list() -> [V4L2Device] {
        self.nodeNames().compactMap { name in
            self.device(path: "/dev/\(name)", name: self.deviceName(of: name))
        }
    }

    /// `video0`, `video1`, `video10`, ...
    private static func nodeNames() -> [String] {
        guard let folder = unsafe opendir(Self.folder) else { return [] }
        defer { unsafe closedir(folder) }
        var numbers: [Int] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
            }
            if name.hasPrefix("video"), let number = Int(name.dropFirst(5)) { numbers.append(number) }
        }
        return numbers.sorted().map { "video\($0)" }
    }

    /// The name that the kernel shows also when the device can't be opened.
    private static func deviceName(of node: String) -> String {
        let file = unsafe open("\(Self.folder)/\(node)/name", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return node }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = unsafe read(file, &bytes, bytes.count)
        guard count > 0 else { return node }
        let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: line, as: UTF8.self).withoutControlCharacters
    }

    /// - Returns: `nil` for a node that doesn't capture: many cameras have another one for metadata.
    static func device(path: String, name: String) -> V4L2Device? {
        var device = V4L2Device(path: path, name: name, bus: "", modes: [], problem: nil)
        // Else a device that is switched on by opening may keep us waiting.
        let descriptor = unsafe open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            device.problem = self.problem(errno)
            return device
        }
        defer { close(descriptor) }
        var capability = v4l2_capability()
        let status = unsafe gerund_v4l2_capability(descriptor, &capability)
        guard status == 0 else {
            device.problem = self.problem(status)
            return device
        }
        let abilities = unsafe gerund_v4l2_node_capabilities(&capability)
        guard abilities & gerund_v4l2_captures != 0 else { return nil }
        device.name = self.string(capability.card)
        device.bus = self.string(capability.bus_info)
        let isPlanar = abilities & gerund_v4l2_captures_planar != 0
        device.modes = self.modes(
            of: descriptor, type: isPlanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE)
        return device
    }

    private static func problem(_ number: Int32) -> String {
        switch number {
        case EACCES, EPERM: "not allowed to open it; add this user to the group 'video'"
        case EBUSY: "another program is using it"
        case ENOENT, ENODEV, ENXIO: "its node is missing or the device was unplugged"
        case ENOTTY: "it is no V4L2 device"
        default: "it can't be opened (error \(number))"
        }
    }

    private static func modes(of descriptor: Int32, type: v4l2_buf_type) -> [V4L2Device.Mode] {
        var modes: [V4L2Device.Mode] = []
        for index in 0..<Self.enumerationLimit {
            var format = v4l2_fmtdesc()
            format.index = index
            format.type = type.rawValue
            guard unsafe gerund_v4l2_format(descriptor, &format) == 0 else { break }
            modes += self.sizes(of: descriptor, format: format)
        }
        return modes
    }

    private static func sizes(of descriptor: Int32, format: v4l2_fmtdesc) -> [V4L2Device.Mode] {
        var modes: [V4L2Device.Mode] = []
        func append(width: UInt32, height: UInt32, largest: V4L2Device.Size? = nil) {
            modes.append(
                V4L2Device.Mode(
                    format: self.fourCharacters(format.pixelformat), formatName: self.string(format.description),
                    width: Int(width), height: Int(height), largest: largest,
                    rates: self.rates(of: descriptor, format: format.pixelformat, width: width, height: height)))
        }
        for index in 0..<Self.enumerationLimit {
            var size = v4l2_frmsizeenum()
            size.index = index
            size.pixel_format = format.pixelformat
            guard unsafe gerund_v4l2_frame_size(descriptor, &size) == 0 else { break }
            if size.type == V4L2_FRMSIZE_TYPE_DISCRETE.rawValue {
                append(width: size.discrete.width, height: size.discrete.height)
                continue
            }
            // A range is told once, as a whole.
            let range = size.stepwise
            append(
                width: range.min_width, height: range.min_height,
                largest: V4L2Device.Size(width: Int(range.max_width), height: Int(range.max_height)))
            break
        }
        return modes
    }

    private static func rates(of descriptor: Int32, format: UInt32, width: UInt32, height: UInt32) -> [Double] {
        var rates: [Double] = []
        func append(_ interval: v4l2_fract) {
            // The driver tells the time of a frame; a rate is its inverse.
            guard interval.numerator > 0, interval.denominator > 0 else { return }
            rates.append(Double(interval.denominator) / Double(interval.numerator))
        }
        for index in 0..<Self.enumerationLimit {
            var interval = v4l2_frmivalenum()
            interval.index = index
            interval.pixel_format = format
            interval.width = width
            interval.height = height
            guard unsafe gerund_v4l2_frame_interval(descriptor, &interval) == 0 else { break }
            if interval.type == V4L2_FRMIVAL_TYPE_DISCRETE.rawValue {
                append(interval.discrete)
                continue
            }
            append(interval.stepwise.min)
            append(interval.stepwise.max)
            break
        }
        return Set(rates).sorted(by: >)
    }

    /// `YUYV`: the code's bytes from the lowest on; the highest bit of the last marks big endian.
    static func fourCharacters(_ code: UInt32) -> String {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: code >> (8 * $0)) & 0x7F }
        var text = String(decoding: bytes, as: UTF8.self).withoutControlCharacters
        while text.last == " " { text.removeLast() }
        return text
    }

    /// A fixed field of bytes, up to its first zero.
    private static func string<T>(_ field: T) -> String {
        unsafe withUnsafeBytes(of: field) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self).withoutControlCharacters
        }
    }
}
