import ArgumentParser
import GerundCore
import GerundMedia
import GerundRecords
import GerundSettings

/// `gerund devices`: the V4L2 devices of this machine.
struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List V4L2 devices with their formats, sizes and frame rates.",
        discussion: """
            Options of a source select a listed mode: /dev/video0#format=mjpeg&size=1280x720&fps=30.

            EXAMPLES
              gerund devices
              gerund devices --format jsonl | jq 'select(.width >= 1280)'
            """)

    @OptionGroup var report: ReportOptions

    func run() throws {
        let devices = V4L2Devices.list()
        if devices.isEmpty { StandardError.write("gerund: no V4L2 device: is a camera connected?") }
        for device in devices {
            try StandardOutput.write(self.report.isText ? device.text : device.jsonLines)
        }
    }
}

extension V4L2Device {
    var text: String {
        let error = self.error.map { "  \($0)\n" } ?? ""
        let modes = self.modes.map { mode in
            let rates = mode.frameRates.map { $0.fixed(0) }.joined(separator: " ")
            return "  \(mode.format.padded(to: 4))  \(mode.sizes.padded(to: 10))"
                + (rates.isEmpty ? "" : "  \(rates) fps")
        }
        return "\(self.path)  \(self.name)\n" + error + modes.map { $0 + "\n" }.joined()
    }

    /// One line per mode, so that programs can filter modes; one line for a device without modes.
    var jsonLines: String {
        guard !self.modes.isEmpty else { return self.jsonLine(nil) + "\n" }
        return self.modes.map { self.jsonLine($0) + "\n" }.joined()
    }

    private func jsonLine(_ mode: Mode?) -> String {
        DeviceRecord(
            path: self.path, name: self.name, bus: self.bus, error: self.error,
            mode: mode.map {
                DeviceRecord.Mode(
                    format: $0.format, width: $0.size.width, height: $0.size.height, frameRates: $0.frameRates)
            }
        ).jsonLine
    }
}

extension V4L2Device.Mode {
    /// The size, or a range of sizes: `640x480`, `32x32 to 1920x1080`.
    fileprivate var sizes: String { "\(self.size)" + (self.maximumSize.map { " to \($0)" } ?? "") }
}
