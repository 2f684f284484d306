import GerundCore
import GerundRecords
import GerundStream
import GerundTesting
import Testing

@testable import GerundMedia
@testable import gerund

@Suite("Reports of probe and devices")
struct ReportTests {
    private static let report = ProbeReport(
        description: StreamInfo(
            codec: "h264", container: "rtsp", width: 1280, height: 720, pixelFormat: "yuvj420p", frameRate: 25,
            isLive: true),
        timeToOpen: .milliseconds(412), timeToFirstFrame: .milliseconds(530), frameCount: 13, measuredRate: 13.48,
        frameSize: PixelSize(width: 1280, height: 720), pixelAspectRatio: 1, rotation: 90, colorMatrix: "bt709",
        isFullRange: true, warnings: ["delivers 13.5 frames per second and declares 25.0"])

    private static let devices = [
        V4L2Device(
            path: "/dev/video0", name: "Integrated Camera", bus: "usb-0000:00:14.0-5",
            modes: [
                .init(
                    format: "MJPG", formatName: "Motion-JPEG", size: PixelSize(width: 1280, height: 720),
                    frameRates: [60, 30]),
                .init(
                    format: "YUYV", formatName: "YUYV 4:2:2", size: PixelSize(width: 32, height: 32),
                    maximumSize: PixelSize(width: 640, height: 480), frameRates: []),
            ]),
        V4L2Device(path: "/dev/video2", name: "Kamera 台", bus: "", modes: [], error: "permission denied: add yourself"),
    ]

    private func violations(of lines: String) throws -> [String] {
        let schema = try JSONSchema(parsing: RecordSchema.json)
        return lines.split(separator: "\n").flatMap { schema.violations(of: String($0)) }
    }

    @Test("A probe is a table with one row per property and warning")
    func probe() {
        let text = Self.report.text(of: SourceID("door"))
        #expect(Snapshot.difference(of: text, from: "report-probe") == nil)
    }

    @Test("A probe in JSON Lines is one record of the schema")
    func probeRecord() throws {
        let line = Self.report.jsonLine(of: SourceID("door"))
        #expect(try self.violations(of: line) == [])
        let record = try ProbeRecord(jsonLine: line)
        #expect(record.measuredFPS == 13.48 && record.fps == 25 && record.width == 1280 && record.warnings.count == 1)
    }

    @Test("Devices are listed with one line per mode, aligned, and with their errors")
    func devices() {
        let text = Self.devices.map(\.text).joined()
        #expect(Snapshot.difference(of: text, from: "report-devices") == nil)
    }

    @Test("Devices in JSON Lines are one record of the schema per mode, and one for a device without modes")
    func deviceRecords() throws {
        let lines = Self.devices.map(\.jsonLines).joined()
        #expect(try self.violations(of: lines) == [])
        let records = try lines.split(separator: "\n").map { try DeviceRecord(jsonLine: String($0)) }
        #expect(records.map(\.path) == ["/dev/video0", "/dev/video0", "/dev/video2"])
        #expect(records.map { $0.mode?.width } == [1280, 32, nil])
        #expect(records.map { $0.error == nil } == [true, true, false])
    }
}
