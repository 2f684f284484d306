import FoundationEssentials
import GerundCore
import GerundMedia
import GerundStream
import GerundTesting
import Glibc
import Testing

@Suite("Capture of live sources", .timeLimit(.minutes(10)))
struct LiveCaptureTests {
    /// A server that answers every RTSP request with a status.
    private static func rtspServer(status: String) throws -> LoopbackTCPServer {
        try LoopbackTCPServer { request in
            let lines = request.split(separator: "\r\n")
            let sequence = lines.first { $0.lowercased().hasPrefix("cseq:") } ?? "CSeq: 1"
            return Array("RTSP/1.0 \(status)\r\n\(sequence)\r\nWWW-Authenticate: Basic realm=\"cam\"\r\n\r\n".utf8)
        }
    }

    @Test(
        "Maps the status of a server that rejects the request, without revealing the password",
        arguments: [
            ("401 Unauthorized", .unauthorized, "password"), ("403 Forbidden", .unauthorized, "denied"),
            ("404 Not Found", .notFound, "path"), ("503 Service Unavailable", .unreachable, "server"),
            ("454 Session Not Found", .unsupported, "rejected"),
        ] as [(String, CaptureError.Code, String)])
    func rejected(status: String, code: CaptureError.Code, words: String) async throws {
        let server = try Self.rtspServer(status: status)
        defer { server.stop() }
        let capture = try await capture("rtsp://me:ge%40heim@127.0.0.1:\(server.port)/1")
        let error = try #require(capture.failure)
        #expect(error.code == code)
        #expect(error.message.contains(words), "\(error)")
        #expect(!"\(error)".contains("heim"))
    }

    @Test("Fails if nothing listens on the port")
    func connectionRefused() async throws {
        let server = try LoopbackTCPServer()
        server.stop()
        let error = try #require(try await capture("rtsp://127.0.0.1:\(server.port)/1").failure)
        #expect(error.code == .unreachable)
    }

    @Test("Names an unknown host in the error")
    func unknownHost() async throws {
        let error = try #require(try await capture("rtsp://me:geheim@no-such-host.invalid/1").failure)
        #expect(error.code == .unreachable || error.code == .timedOut)
        #expect(error.code == .timedOut || error.message.contains("no-such-host.invalid"))
        #expect(!"\(error)".contains("geheim"))
    }

    @Test("Times out if a server accepts the connection and doesn't respond", arguments: ["rtsp", "http"])
    func silentServer(scheme: String) async throws {
        let server = try LoopbackTCPServer()
        defer { server.stop() }
        // libav's own time-out, the fallback, derives from the longer one: it would exceed the time limit of the test.
        let capture = try await capture(
            "\(scheme)://127.0.0.1:\(server.port)/1", openTimeout: .milliseconds(300), stallTimeout: .seconds(600))
        #expect(capture.failure?.code == .timedOut)
        #expect(capture.failure?.message.contains("0.3 s") == true)
    }

    @Test("Retries an initial failure if configured to")
    func retriesInitialFailure() async throws {
        let server = try LoopbackTCPServer(closesAfterAnswer: true) { _ in Array("no RTSP\r\n\r\n".utf8) }
        defer { server.stop() }
        let source = MediaSource(
            address: try SourceAddress("rtsp://127.0.0.1:\(server.port)/1"),
            configuration: Self.configuration(retriesInitialFailure: true))
        let feed = source.start()
        for attempt in 1...2 {
            guard case .state(.disconnected)? = await feed.next() else {
                Issue.record("attempt \(attempt) didn't report a disconnection")
                break
            }
        }
        await source.stop()
        #expect(await feed.next() == nil)
        #expect(server.connectionCount >= 2)
    }

    @Test("Reopens a source that disconnects, and continues its media time in a new segment")
    func reconnects() async throws {
        let image = [UInt8](try Data(contentsOf: URL(filePath: fixture("red.jpg"))))
        try #require(!image.isEmpty)
        let part = Array("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: \(image.count)\r\n\r\n".utf8)
        let header = "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"
        let server = try LoopbackTCPServer(closesAfterAnswer: true) { _ in
            var stream = Array(header.utf8)
            for _ in 0..<12 { stream += part + image + Array("\r\n".utf8) }
            return stream
        }
        defer { server.stop() }
        let source = MediaSource(
            address: try SourceAddress("http://127.0.0.1:\(server.port)/live"), configuration: Self.configuration())
        let feed = source.start()
        var events: [String] = []
        var frames: [CapturedFrame] = []
        while events.count(where: { $0 == "disconnected" }) < 2, let item = await feed.next() {
            switch item {
            case .frame(let frame):
                frames.append(frame)
                if events.last != "frame" { events.append("frame") }
                feed.withPixels { #expect($0[0] > 200 && $0[1] < 40) }
            case .state(.connected(let info)):
                events.append("connected")
                #expect(info.isLive && info.codec == "mjpeg")
            case .state(.disconnected): events.append("disconnected")
            case .state(let state): events.append("\(state)")
            case .dropped: break
            }
        }
        await source.stop()
        #expect(events == ["connected", "frame", "disconnected", "connected", "frame", "disconnected"])
        #expect(Set(frames.map(\.segment)) == [0, 1])
        for (earlier, later) in zip(frames, frames.dropFirst()) {
            #expect(earlier.time < later.time && earlier.tick < later.tick)
        }
        // The backoff of about half a second is part of the media time.
        let first = try #require(frames.first { $0.segment == 1 })
        #expect(first.time.seconds > 0.3)
    }

    /// A state in which a source blocks.
    enum BlockedState: CaseIterable {
        case connectingRTSP, connectingHTTP, backingOff, bufferFull, paced, readingPipe
    }

    @Test("Stops promptly in every state", arguments: BlockedState.allCases)
    func stops(state: BlockedState) async throws {
        let requestReceived = Gate()
        let server = try LoopbackTCPServer { _ in
            requestReceived.open()
            return nil
        }
        defer { server.stop() }
        let directory = try TemporaryDirectory()
        let pipe = try directory.makePipe("pipe")
        var configuration = Self.configuration(retriesInitialFailure: true)
        if state == .paced { configuration.pace = .realtime }
        let address =
            switch state {
            case .connectingRTSP: "rtsp://127.0.0.1:\(server.port)/1"
            case .connectingHTTP: "http://127.0.0.1:\(server.port)/1"
            case .backingOff: "/no/such/file.mp4"
            case .bufferFull: "test:testsrc2=size=64x48:rate=25"
            // A frame every 500 s, within the forward limit of a file.
            case .paced: "test:testsrc2=size=64x48:rate=0.002"
            case .readingPipe: pipe
            }
        let source = MediaSource(address: try SourceAddress(address), configuration: configuration)
        let feed = source.start()
        switch state {
        case .connectingRTSP, .connectingHTTP:
            await requestReceived.wait()
        case .backingOff:
            guard case .state(.disconnected)? = await feed.next() else {
                Issue.record("didn't report a disconnection")
                break
            }
        case .bufferFull:
            while !feed.isProducerWaiting { await Task.yield() }
        case .paced:
            while feed.metrics().decoded < 2 { await Task.yield() }
        case .readingPipe:
            // Succeeds once the source has opened the pipe for reading.
            var writer: Int32 = -1
            while writer < 0 {
                writer = unsafe open(pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
                await Task.yield()
            }
            defer { close(writer) }
            try await Self.expectPromptStop(of: source)
        }
        try await Self.expectPromptStop(of: source)
        #expect(feed.metrics().depth == 0)
        while await feed.next() != nil { Issue.record("an item after the stop") }
    }

    /// Stops a source twice and expects that it takes a small fraction of the time for which it would block otherwise,
    /// 500 s and more.
    private static func expectPromptStop(of source: MediaSource) async throws {
        let start = ContinuousClock.now
        await source.stop()
        await source.stop()
        #expect(.now - start < .seconds(30))
    }

    @Test("Leaves no file descriptor or thread after being opened and stopped two hundred times")
    func leaksNothing() async throws {
        let server = try LoopbackTCPServer()
        defer { server.stop() }
        // Threads are named for the source.
        let name = "leak-test"
        let addresses = [
            fixture("b-frames.mp4"), "test:testsrc2=size=64x48:rate=25", "/no/such/file.mp4",
            "rtsp://127.0.0.1:\(server.port)/1",
        ].map { $0 + "#name=\(name)" }
        func openAndStop(_ number: Int) async throws {
            let index = number % addresses.count
            let source = MediaSource(
                address: try SourceAddress(addresses[index]),
                configuration: Self.configuration(retriesInitialFailure: true))
            let connections = server.connectionCount
            let feed = source.start()
            // Half of the sources are stopped while they start.
            if number % 8 < 4 {
                if index < 3 {
                    #expect(await feed.next() != nil)
                } else {
                    while server.connectionCount == connections { await Task.yield() }
                }
            }
            await source.stop()
        }
        // Beforehand, so that the descriptors that libraries keep open don't count.
        for number in 0..<8 { try await openAndStop(number) }
        let before = try CurrentProcess.openFiles().count
        for number in 0..<200 { try await openAndStop(number) }
        #expect(try CurrentProcess.threadCount(named: name) == 0)
        // Other tests open files at the same time, but close them before the time limit.
        while try CurrentProcess.openFiles().count >= before + 40 {
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @Test("Ends by itself if it is released without being stopped")
    func released() async throws {
        var source: MediaSource? = MediaSource(
            address: try SourceAddress("test:testsrc2=size=64x48:rate=25"), configuration: Self.configuration())
        let feed = try #require(source?.start())
        _ = await feed.next()
        source = nil
        while await feed.next() != nil {}
    }

    private static func configuration(retriesInitialFailure: Bool = false) -> CaptureConfiguration {
        CaptureConfiguration(
            frameFormat: FrameFormat(shortestEdge: 16, cropSize: PixelSize(square: 16)),
            samplingInterval: .milliseconds(40), openTimeout: .seconds(600), stallTimeout: .seconds(600),
            retriesInitialFailure: retriesInitialFailure, backoffSeed: 1)
    }
}
