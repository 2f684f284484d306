import ArgumentParser
import GerundCore
import GerundMedia
import GerundRecords
import GerundSettings
import GerundStream

/// `gerund probe`: the format and problems of a source.
struct Probe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open a source, decode one second and report format and problems.",
        discussion: """
            EXAMPLES
              gerund probe clip.mp4
              gerund probe 'rtsp://user:password@camera/1#transport=udp'
              gerund probe '/dev/video0#size=1280x720&format=mjpeg'
            """)

    @Argument(help: "A path, rtsp:// or http:// URL, /dev/videoN, test:GRAPH, or - for standard input.")
    var source: String

    @OptionGroup var report: ReportOptions

    @OptionGroup var logging: LogOptions

    func run() async throws {
        let address = try SourceAddress.parse([self.source])[0]
        self.logging.apply()
        // A probe neither scales nor samples: any format and interval will do.
        let configuration = CaptureConfiguration(
            frameFormat: FrameFormat(shortestEdge: 224, cropSize: PixelSize(square: 224)), samplingInterval: .seconds(1)
        )
        let (report, status) = try await Signals.withSignalHandling(onHangup: {}) {
            try await SourceProbe.run(address, configuration: configuration)
        }
        if let status { throw CommandError(status: status) }
        try StandardOutput.write(
            self.report.isText ? report.text(of: address.id) : report.jsonLine(of: address.id) + "\n")
    }
}

extension ProbeReport {
    func text(of source: SourceID) -> String {
        let size = self.frameSize.map { "\($0)" } ?? "no frame"
        let declared = self.description.frameRate.map { "\($0.fixed(2)) frames/s declared" } ?? "no rate declared"
        let measured = self.measuredRate.map { "\($0.fixed(2)) measured" } ?? "none measured"
        let color = (self.colorMatrix ?? "unknown") + (self.isFullRange ? ", full range" : ", limited range")
        var rows = [
            ("video", "\(self.description.codec) in \(self.description.container), \(self.description.pixelFormat)"),
            ("size", size + (self.rotation == 0 ? "" : ", rotated \(self.rotation)°")),
            ("rate", "\(declared), \(measured)"),
            ("color", color),
            ("open", "\(self.timeToOpen.milliseconds.fixed(0)) ms"),
            ("first frame", self.timeToFirstFrame.map { "\($0.milliseconds.fixed(0)) ms" } ?? "none"),
        ]
        rows += self.warnings.map { ("warning", $0) }
        return "\(source)\n" + rows.map { "  \($0.0.padded(to: 11))  \($0.1)\n" }.joined()
    }

    func jsonLine(of source: SourceID) -> String {
        ProbeRecord(
            source: source, codec: self.description.codec, container: self.description.container,
            pixelFormat: self.description.pixelFormat, width: self.frameSize?.width, height: self.frameSize?.height,
            rotation: self.rotation, fps: self.description.frameRate, measuredFPS: self.measuredRate,
            colorMatrix: self.colorMatrix, isFullRange: self.isFullRange, timeToOpen: self.timeToOpen,
            timeToFirstFrame: self.timeToFirstFrame, warnings: self.warnings
        ).jsonLine
    }
}
