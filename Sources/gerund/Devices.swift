import ArgumentParser
import GerundEvents
import GerundMedia

struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List V4L2 devices with their formats, sizes and rates.",
        discussion: """
            What is listed can be asked for: /dev/video0#format=mjpeg&size=1280x720&rate=30.
            """)

    @Option(help: "What to print: text on a terminal and JSON Lines otherwise by default.")
    var format: OutputFormat = .auto

    func run() throws {
        let devices = V4L2Devices.list()
        if devices.isEmpty { StandardError.write("gerund: no V4L2 device: is a camera plugged in?") }
        do {
            for device in devices {
                try StandardOutput.write(self.format.isText ? device.text : device.jsonLines)
            }
        } catch is StandardOutput.Closed {
            return
        }
    }
}

extension V4L2Device {
    fileprivate var text: String {
        let problem = self.problem.map { "  \($0)\n" } ?? ""
        let modes = self.modes.map { mode in
            let rates = mode.rates.isEmpty ? "" : "  " + mode.rates.map { $0.fixed(0) }.joined(separator: " ") + " fps"
            return "  \(mode.format.filled(to: 4))  \(mode.sizes.filled(to: 10))\(rates)\n"
        }
        return "\(self.path)  \(self.name)\n" + problem + modes.joined()
    }

    /// A line for each mode, so that lines can be picked.
    fileprivate var jsonLines: String {
        guard !self.modes.isEmpty else { return self.jsonLine(nil) + "\n" }
        return self.modes.map { self.jsonLine($0) + "\n" }.joined()
    }

    private func jsonLine(_ mode: Mode?) -> String {
        var json = JSONLine(type: "device")
        json.add("path", self.path)
        json.add("name", self.name)
        json.add("bus", self.bus)
        if let problem { json.add("problem", problem) }
        if let mode {
            json.add("format", mode.format)
            json.add("width", mode.width)
            json.add("height", mode.height)
            json.add("rates", mode.rates, decimals: 3)
        }
        return json.finished()
    }
}

extension V4L2Device.Mode {
    /// `640x480`, or a range of sizes.
    fileprivate var sizes: String {
        "\(self.width)x\(self.height)" + (self.largest.map { " to \($0.width)x\($0.height)" } ?? "")
    }
}

extension String {
    /// The text in a column of `width`.
    func filled(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - self.count))
    }
}
