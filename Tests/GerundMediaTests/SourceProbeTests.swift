import GerundCore
import GerundStream
import GerundTesting
import Testing

@testable import GerundMedia

@Suite("SourceProbe", .timeLimit(.minutes(10)))
struct SourceProbeTests {
    private static let configuration = CaptureConfiguration(
        frameFormat: FrameFormat(shortestEdge: 16, cropSize: PixelSize(square: 16)), samplingInterval: .seconds(1))

    private func probe(_ address: String) async throws -> ProbeReport {
        try await SourceProbe.run(try SourceAddress(address), configuration: Self.configuration)
    }

    @Test("Reports codec, size, frame rate and colors")
    func report() async throws {
        let report = try await self.probe(fixture("b-frames.mp4"))
        #expect(report.description.codec == "h264")
        #expect(report.description.frameRate == 25)
        #expect(report.frameSize == PixelSize(width: 64, height: 48))
        #expect(abs((report.measuredRate ?? 0) - 25) < 0.1)
        // A second of 25 frames, and the one that ends it.
        #expect(report.frameCount == 26)
        #expect(report.colorMatrix == "bt601")
        #expect(report.timeToFirstFrame.map { $0 >= report.timeToOpen } == true)
        #expect(report.warnings == [])
    }

    @Test("Reports rotation, pixel aspect ratio, color matrix and range")
    func frameProperties() async throws {
        #expect(try await self.probe(fixture("rotated-270.mp4")).rotation == 90)
        #expect(try await self.probe(fixture("patches-anamorphic.mkv")).pixelAspectRatio == 2)
        #expect(try await self.probe(fixture("patches-full-range.mkv")).isFullRange)
        #expect(try await self.probe(fixture("patches-bt709.mkv")).colorMatrix == "bt709")
        #expect(try await self.probe(fixture("patches-bt709.mkv")).isFullRange == false)
    }

    @Test("Decodes for the given duration")
    func duration() async throws {
        let address = try SourceAddress("test:testsrc2=size=64x48:rate=10")
        let report = try await SourceProbe.run(address, duration: .seconds(3), configuration: Self.configuration)
        #expect(report.frameCount == 31)
    }

    @Test("Warns of frames that are larger than needed")
    func largeFrames() async throws {
        let report = try await self.probe("test:color=red:size=3840x2160:rate=5:duration=0.4")
        #expect(report.warnings == ["frames are large; a camera's sub-stream of 640x360 is enough and needs less CPU"])
    }

    @Test("Throws if the source can't be opened")
    func failure() async {
        let error = await #expect(throws: CaptureError.self) { try await self.probe("/no/such/file.mp4") }
        #expect(error?.code == .notFound)
    }

    @Test("Throws CancellationError if its task is cancelled while the server doesn't respond")
    func cancellation() async throws {
        let requestReceived = Gate()
        let server = try LoopbackTCPServer { _ in
            requestReceived.open()
            return nil
        }
        defer { server.stop() }
        let address = try SourceAddress("rtsp://127.0.0.1:\(server.port)/1")
        let probing = Task { try await SourceProbe.run(address, configuration: Self.configuration) }
        await requestReceived.wait()
        probing.cancel()
        await #expect(throws: CancellationError.self) { try await probing.value }
    }
}
