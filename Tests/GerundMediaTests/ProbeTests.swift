import GerundCore
import GerundStream
import Testing

@testable import GerundMedia

@Suite("A probe")
struct ProbeTests {
    private static let configuration = CaptureConfiguration(
        picture: PictureFormat(shorterEdge: 16, width: 16, height: 16), period: .seconds(1))

    private func probe(_ address: String) async throws -> ProbeReport {
        try await Probe.run(try SourceAddress(address), configuration: Self.configuration)
    }

    @Test("tells codec, size, rate and colours")
    func report() async throws {
        let report = try await self.probe(fixture("b-frames.mp4"))
        #expect(report.description.codec == "h264")
        #expect(report.pictureSize == ProbeReport.Size(width: 64, height: 48))
        #expect(abs((report.measuredRate ?? 0) - 25) < 0.1)
        #expect(report.colorMatrix == "bt601")
        #expect(report.timeToFirstPicture != nil)
        #expect(report.warnings == [])
    }

    @Test("tells rotation, pixel shape and full range")
    func oddities() async throws {
        #expect(try await self.probe(fixture("rotated-270.mp4")).rotation == 90)
        #expect(try await self.probe(fixture("patches-anamorphic.mkv")).pixelAspect == 2)
        #expect(try await self.probe(fixture("patches-full-range.mkv")).isFullRange)
        #expect(try await self.probe(fixture("patches-bt709.mkv")).colorMatrix == "bt709")
    }

    @Test("warns of pictures that are larger than needed")
    func warnings() async throws {
        let report = try await self.probe("test:color=red:size=3840x2160:rate=5:duration=0.4")
        #expect(report.warnings.contains { $0.contains("sub-stream") })
    }

    @Test("fails as the source does")
    func failure() async {
        let error = await #expect(throws: CaptureError.self) { try await self.probe("/no/such/file.mp4") }
        #expect(error?.code == .notFound)
    }

    @Test("is cancelled with its task", .timeLimit(.minutes(1)))
    func cancellation() async throws {
        let server = try LoopbackServer { _ in nil }
        defer { server.stop() }
        let address = try SourceAddress("rtsp://127.0.0.1:\(server.port)/1")
        let probing = Task { try await Probe.run(address, configuration: Self.configuration) }
        try await Task.sleep(for: .milliseconds(50))
        probing.cancel()
        await #expect(throws: CancellationError.self) { try await probing.value }
    }
}

@Suite("V4L2 devices")
struct V4L2DevicesTests {
    @Test("are listed on any machine, with or without cameras")
    func list() {
        for device in V4L2Devices.list() {
            #expect(device.path.hasPrefix("/dev/video"))
            #expect(!device.name.isEmpty)
        }
    }

    @Test("that can't be asked are listed with the reason")
    func problems() {
        #expect(V4L2Devices.device(path: "/dev/null", name: "null")?.problem == "it is no V4L2 device")
        #expect(V4L2Devices.device(path: "/dev/no-such", name: "x")?.problem?.contains("missing") == true)
    }

    @Test("have formats of four characters")
    func fourCharacters() {
        #expect(V4L2Devices.fourCharacters(0x5659_5559) == "YUYV")
        #expect(V4L2Devices.fourCharacters(0x2038_5342) == "BS8")
        #expect(V4L2Devices.fourCharacters(0) == "????")
    }
}
