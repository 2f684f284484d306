import CVideo4Linux
import GerundCore
import Glibc

/// The V4L2 devices of this machine.
public enum V4L2Devices {
    /// The directory in which the kernel lists the devices.
    private static let directory = "/sys/class/video4linux"
    /// The limit for drivers whose enumeration never ends.
    private static let maximumEntries: UInt32 = 256

    /// Lists the capture devices in order of their numbers.
    ///
    /// Queries the devices without starting them.
    ///
    /// - Returns: The devices. One that can't be queried is included, with an error.
    public static func list() -> [V4L2Device] {
        self.nodeNames().compactMap { name in
            self.device(path: "/dev/\(name)", name: self.deviceName(of: name))
        }
    }

    /// Returns the names of the device nodes, in numerical order: `video0`, `video1`, `video10`, ...
    private static func nodeNames() -> [String] {
        guard let directory = unsafe opendir(Self.directory) else { return [] }
        defer { unsafe closedir(directory) }
        var numbers: [Int] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
            }
            if name.hasPrefix("video"), let number = Int(name.dropFirst(5)) { numbers.append(number) }
        }
        return numbers.sorted().map { "video\($0)" }
    }

    /// Returns the kernel's name of a device, which is readable even if the device can't be opened.
    private static func deviceName(of node: String) -> String {
        let file = unsafe open("\(Self.directory)/\(node)/name", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return node }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = unsafe read(file, &bytes, bytes.count)
        guard count > 0 else { return node }
        let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: line, as: UTF8.self).sanitized
    }

    /// Queries a device.
    ///
    /// - Returns: `nil` if the node isn't a capture device: many cameras have a second one for metadata.
    static func device(path: String, name: String) -> V4L2Device? {
        var device = V4L2Device(path: path, name: name, bus: "", modes: [], error: nil)
        // O_NONBLOCK: opening may otherwise wait for the device to power up.
        let descriptor = unsafe open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            device.error = self.message(errno)
            return device
        }
        defer { close(descriptor) }
        var capability = v4l2_capability()
        let status = unsafe gerund_v4l2_capability(descriptor, &capability)
        guard status == 0 else {
            device.error = self.message(status)
            return device
        }
        let capabilities = unsafe gerund_v4l2_node_capabilities(&capability)
        guard capabilities & gerund_v4l2_captures != 0 else { return nil }
        device.name = self.string(capability.card)
        device.bus = self.string(capability.bus_info)
        let isPlanar = capabilities & gerund_v4l2_captures_planar != 0
        device.modes = self.modes(
            of: descriptor, type: isPlanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE)
        return device
    }

    private static func message(_ number: Int32) -> String {
        switch number {
        case EACCES, EPERM: "permission denied; add this user to the group 'video'"
        case EBUSY: "the device is in use"
        case ENOENT, ENODEV, ENXIO: "device node missing or device unplugged"
        case ENOTTY: "not a V4L2 device"
        default: "cannot open the device (\(SystemError(number)))"
        }
    }

    private static func modes(of descriptor: Int32, type: v4l2_buf_type) -> [V4L2Device.Mode] {
        var modes: [V4L2Device.Mode] = []
        for index in 0..<Self.maximumEntries {
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
        func append(width: UInt32, height: UInt32, maximumSize: PixelSize? = nil) {
            modes.append(
                V4L2Device.Mode(
                    format: self.fourCharacters(format.pixelformat), formatName: self.string(format.description),
                    size: PixelSize(width: Int(width), height: Int(height)), maximumSize: maximumSize,
                    frameRates: self.frameRates(
                        of: descriptor, format: format.pixelformat, width: width, height: height)))
        }
        for index in 0..<Self.maximumEntries {
            var size = v4l2_frmsizeenum()
            size.index = index
            size.pixel_format = format.pixelformat
            guard unsafe gerund_v4l2_frame_size(descriptor, &size) == 0 else { break }
            if size.type == V4L2_FRMSIZE_TYPE_DISCRETE.rawValue {
                append(width: size.discrete.width, height: size.discrete.height)
                continue
            }
            // The enumeration has a single entry for a range.
            let range = size.stepwise
            append(
                width: range.min_width, height: range.min_height,
                maximumSize: PixelSize(width: Int(range.max_width), height: Int(range.max_height)))
            break
        }
        return modes
    }

    private static func frameRates(of descriptor: Int32, format: UInt32, width: UInt32, height: UInt32) -> [Double] {
        var rates: [Double] = []
        func append(_ interval: v4l2_fract) {
            // The driver reports the frame interval; the rate is its inverse.
            guard interval.numerator > 0, interval.denominator > 0 else { return }
            rates.append(Double(interval.denominator) / Double(interval.numerator))
        }
        for index in 0..<Self.maximumEntries {
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

    /// Returns a four-character code as text, such as `YUYV`: its bytes from the lowest on.
    ///
    /// The highest bit of the last one marks big endian.
    static func fourCharacters(_ code: UInt32) -> String {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: code >> (8 * $0)) & 0x7F }
        var text = String(decoding: bytes, as: UTF8.self).sanitized
        while text.last == " " { text.removeLast() }
        return text
    }

    /// Returns the text in a fixed-size field of bytes, up to its first zero.
    private static func string<T>(_ field: T) -> String {
        unsafe withUnsafeBytes(of: field) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self).sanitized
        }
    }
}
