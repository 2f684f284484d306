import GerundCore
import GerundMedia
import GerundStream
import Synchronization
import Testing

@Suite("A live source", .timeLimit(.minutes(2)))
struct LiveCaptureTests {
    /// Answers every RTSP request with the status.
    private static func rtspServer(status: String) throws -> LoopbackServer {
        try LoopbackServer { request in
            let lines = request.split(separator: "\r\n")
            let sequence = lines.first { $0.lowercased().hasPrefix("cseq:") } ?? "CSeq: 1"
            return Array("RTSP/1.0 \(status)\r\n\(sequence)\r\nWWW-Authenticate: Basic realm=\"cam\"\r\n\r\n".utf8)
        }
    }

    @Test(
        "that refuses is told apart by its status, and no password is told",
        arguments: [
            ("401 Unauthorized", .unauthorized, "password"), ("403 Forbidden", .unauthorized, "forbids"),
            ("404 Not Found", .notFound, "path"), ("503 Service Unavailable", .unreachable, "server"),
            ("454 Session Not Found", .unsupported, "refuses"),
        ] as [(String, CaptureError.Code, String)])
    func refuses(status: String, code: CaptureError.Code, words: String) async throws {
        let server = try Self.rtspServer(status: status)
        defer { server.stop() }
        let capture = try await capture("rtsp://me:ge%40heim@127.0.0.1:\(server.port)/1")
        let error = try #require(capture.failure)
        #expect(error.code == code)
        #expect(error.message.contains(words), "\(error)")
        #expect(!"\(error)".contains("heim"))
    }

    @Test("that nobody offers fails at once")
    func refused() async throws {
        // Bound and closed again, so that nothing listens there.
        let server = try LoopbackServer { _ in nil }
        let port = server.port
        server.stop()
        try await Task.sleep(for: .milliseconds(60))
        let error = try #require(try await capture("rtsp://127.0.0.1:\(port)/1").failure)
        #expect(error.code == .unreachable)
    }

    @Test("of an unknown host fails with the host's name")
    func unknownHost() async throws {
        let error = try #require(try await capture("rtsp://me:geheim@no-such-host.invalid/1").failure)
        #expect(error.code == .unreachable || error.code == .timedOut)
        #expect(error.message.contains("no-such-host.invalid"))
        #expect(!"\(error)".contains("geheim"))
    }

    @Test("that accepts and says nothing times out", arguments: ["rtsp", "http"])
    func silentServer(scheme: String) async throws {
        let server = try LoopbackServer { _ in nil }
        defer { server.stop() }
        let start = ContinuousClock.now
        let capture = try await capture(
            "\(scheme)://127.0.0.1:\(server.port)/1", openTimeout: .milliseconds(300))
        #expect(capture.failure?.code == .timedOut)
        #expect(.now - start < .seconds(20))
    }

    @Test("that never opened is kept trying when told to")
    func keepsTrying() async throws {
        let server = try LoopbackServer(closesAfterAnswer: true) { _ in Array("no RTSP\r\n\r\n".utf8) }
        defer { server.stop() }
        let source = MediaSource(
            address: try SourceAddress("rtsp://127.0.0.1:\(server.port)/1"),
            configuration: Self.configuration(keepTrying: true))
        let feed = source.start()
        for _ in 0..<2 {
            guard case .state(.lost)? = await feed.next() else {
                Issue.record("no loss was told")
                break
            }
        }
        await source.stop()
        #expect(await feed.next() == nil)
    }

    @Test("that breaks off is opened again, and its time goes on in a new segment")
    func reconnects() async throws {
        let image = readFile(fixture("red.jpg"))
        try #require(!image.isEmpty)
        let part = Array("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: \(image.count)\r\n\r\n".utf8)
        let header = "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"
        let server = try LoopbackServer(closesAfterAnswer: true) { _ in
            var stream = Array(header.utf8)
            for _ in 0..<12 { stream += part + image + Array("\r\n".utf8) }
            return stream
        }
        defer { server.stop() }
        let source = MediaSource(
            address: try SourceAddress("http://127.0.0.1:\(server.port)/live"), configuration: Self.configuration())
        let feed = source.start()
        var story: [String] = []
        var frames: [CapturedFrame] = []
        while story.filter({ $0 == "lost" }).count < 2, let item = await feed.next() {
            switch item {
            case .frame(let frame):
                frames.append(frame)
                if story.last != "frame" { story.append("frame") }
                feed.withPixels { #expect($0[0] > 200 && $0[1] < 40) }
            case .state(.opened(let description)):
                story.append("opened")
                #expect(description.isLive && description.codec == "mjpeg")
            case .state(.lost): story.append("lost")
            case .state(let state): story.append("\(state)")
            case .dropped: break
            }
        }
        await source.stop()
        #expect(story == ["opened", "frame", "lost", "opened", "frame", "lost"])
        #expect(Set(frames.map(\.segment)) == [0, 1])
        for (earlier, later) in zip(frames, frames.dropFirst()) {
            #expect(earlier.time < later.time && earlier.slot < later.slot)
        }
        // The reconnection waited about half a second, and media time shows it.
        let first = try #require(frames.first { $0.segment == 1 })
        #expect(first.time.seconds > 0.3)
    }

    @Test(
        "stops within a moment from every state",
        arguments: ["connecting", "stalled", "backing off", "full", "paused", "pipe"])
    func stops(state: String) async throws {
        let server = try LoopbackServer { _ in nil }
        defer { server.stop() }
        let address: String
        var configuration = Self.configuration(keepTrying: true)
        switch state {
        case "connecting": address = "rtsp://127.0.0.1:\(server.port)/1"
        case "stalled": address = "http://127.0.0.1:\(server.port)/1"
        case "backing off": address = "/no/such/file.mp4"
        case "full": address = "test:testsrc2=size=64x48:rate=25"
        case "pipe": address = "/tmp/gerund-pipe-\(UInt64.random(in: 0 ... .max))"
        default:
            address = "test:testsrc2=size=64x48:rate=0.01"
            configuration.pace = .realtime
        }
        if state == "pipe" { makePipe(address) }
        defer { if state == "pipe" { removeFile(address) } }
        let source = MediaSource(address: try SourceAddress(address), configuration: configuration)
        let feed = source.start()
        try await Task.sleep(for: .milliseconds(150))
        let start = ContinuousClock.now
        await source.stop()
        #expect(.now - start < .seconds(1))
        #expect(await feed.next() == nil)
        await source.stop()
    }

    @Test("opened and stopped two hundred times leaves no descriptor and no thread behind")
    func leaksNothing() async throws {
        let server = try LoopbackServer { _ in nil }
        defer { server.stop() }
        let addresses = [
            fixture("b-frames.mp4"), "test:testsrc2=size=64x48:rate=25", "rtsp://127.0.0.1:\(server.port)/1",
            "/no/such/file.mp4",
        ]
        func openAndStop(_ number: Int) async throws {
            let source = MediaSource(
                address: try SourceAddress(addresses[number % addresses.count]),
                configuration: Self.configuration(keepTrying: true))
            let feed = source.start()
            if number % 8 < 4 { _ = await feed.nextWithin(.milliseconds(20)) }
            await source.stop()
        }
        // Once beforehand: libraries keep a few for themselves.
        for number in 0..<8 { try await openAndStop(number) }
        let before = entryCount("/proc/self/fd")
        for number in 0..<200 { try await openAndStop(number) }
        // Other tests run beside this one; a leak would be far more than they use.
        #expect(entryCount("/proc/self/fd") < before + 40)
        #expect(entryCount("/proc/self/task") < 150)
    }

    @Test("that is dropped without being stopped ends by itself")
    func dropped() async throws {
        var source: MediaSource? = MediaSource(
            address: try SourceAddress("test:testsrc2=size=64x48:rate=25"), configuration: Self.configuration())
        let feed = try #require(source?.start())
        _ = await feed.next()
        source = nil
        while await feed.next() != nil {}
    }

    private static func configuration(keepTrying: Bool = false) -> CaptureConfiguration {
        CaptureConfiguration(
            picture: PictureFormat(shorterEdge: 16, width: 16, height: 16), period: .milliseconds(40),
            openTimeout: .seconds(20), stallTimeout: .seconds(20), keepTrying: keepTrying, backoffSeed: 1)
    }
}

extension FrameFeed {
    /// The next item, or `nil` when none comes in time.
    fileprivate func nextWithin(_ duration: Duration) async -> FeedItem? {
        let taking = Task { await self.next() }
        let limit = Task {
            try await Task.sleep(for: duration)
            taking.cancel()
        }
        defer { limit.cancel() }
        return await taking.value
    }
}
