import ArgumentParser
import GerundCore
import GerundEvents
import GerundMedia
import GerundStream

struct Probe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open a source, decode a second of it, and say what it is and what is wrong.",
        discussion: """
            EXAMPLES
              gerund probe clip.mp4
              gerund probe 'rtsp://user:password@camera/1#transport=udp'
              gerund probe '/dev/video0#size=1280x720&format=mjpeg'
            """)

    @Argument(help: "A path, rtsp:// or http:// URL, /dev/videoN, test:GRAPH, or - for standard input.")
    var source: String

    @Option(help: "What to print: text on a terminal and JSON Lines otherwise by default.")
    var format: OutputFormat = .auto

    @OptionGroup var logging: LogOptions

    func run() async throws {
        let address = try SourceAddress.parse([self.source])[0]
        self.logging.apply()
        // Nothing is scaled or sampled by a probe: any picture will do.
        let configuration = CaptureConfiguration(
            picture: PictureFormat(shorterEdge: 224, width: 224, height: 224), period: .seconds(1))
        do {
            let (report, status) = try await Signals.cancelling(onHangup: {}) {
                try await GerundMedia.Probe.run(address, configuration: configuration)
            }
            if let status { throw CommandFailure(status: status) }
            try StandardOutput.write(
                self.format.isText ? report.text(of: address.id) : report.jsonLine(of: address.id) + "\n")
        } catch let error as CaptureError {
            throw CommandFailure(status: .noSource, message: "\(error)")
        } catch is StandardOutput.Closed {
            return
        } catch is CancellationError {
            throw CommandFailure(status: .interrupted)
        }
    }
}

extension ProbeReport {
    fileprivate func text(of source: SourceID) -> String {
        let size = self.pictureSize.map { "\($0.width)x\($0.height)" } ?? "no picture"
        let declared = self.description.frameRate.map { "\($0.fixed(2)) frames/s declared" } ?? "no rate declared"
        let measured = self.measuredRate.map { "\($0.fixed(2)) measured" } ?? "none measured"
        let color = (self.colorMatrix ?? "unknown") + (self.isFullRange ? ", full range" : ", limited range")
        var rows = [
            ("video", "\(self.description.codec) in \(self.description.container), \(self.description.pixelFormat)"),
            ("size", size + (self.rotation == 0 ? "" : ", turned by \(self.rotation)°")),
            ("rate", "\(declared), \(measured)"),
            ("colour", color),
            ("open", "\(self.timeToOpen.inMilliseconds.fixed(0)) ms"),
            ("first picture", self.timeToFirstPicture.map { "\($0.inMilliseconds.fixed(0)) ms" } ?? "none"),
        ]
        rows += self.warnings.map { ("mind", $0) }
        return "\(source)\n" + rows.map { "  \($0.0.filled(to: 13))  \($0.1)\n" }.joined()
    }

    fileprivate func jsonLine(of source: SourceID) -> String {
        var json = JSONLine(type: "probe")
        json.add("source", source.name)
        json.add("codec", self.description.codec)
        json.add("container", self.description.container)
        json.add("pixel_format", self.description.pixelFormat)
        if let size = self.pictureSize {
            json.add("width", size.width)
            json.add("height", size.height)
        }
        json.add("rotation", self.rotation)
        if let rate = self.description.frameRate { json.add("rate", rate, decimals: 3) }
        if let rate = self.measuredRate { json.add("measured_rate", rate, decimals: 3) }
        if let matrix = self.colorMatrix { json.add("color_matrix", matrix) }
        json.add("full_range", self.isFullRange)
        json.add("open_ms", self.timeToOpen.inMilliseconds, decimals: 1)
        if let time = self.timeToFirstPicture { json.add("first_picture_ms", time.inMilliseconds, decimals: 1) }
        json.add("warnings", self.warnings)
        return json.finished()
    }
}
