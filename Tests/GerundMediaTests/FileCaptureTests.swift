import GerundCore
import GerundMedia
import GerundStream
import GerundTesting
import Testing

@Suite("Capture of files", .timeLimit(.minutes(10)))
struct FileCaptureTests {
    @Test(
        "Samples a file by presentation time, then ends",
        arguments: ["b-frames.mp4", "no-time-stamps.h264", "wraps-33-bits.ts"])
    func sampled(file: String) async throws {
        let capture = try await capture(fixture(file))
        #expect(capture.ticks == Array(0..<16))
        // At 25 frames per second the first frame at or after each quarter of a second.
        let expected = (0..<16).map { Double(($0 * 25 + 3) / 4) / 25 }
        #expect(zip(capture.frames, expected).allSatisfy { abs($0.frame.time.seconds - $1) < 0.001 })
        #expect(capture.metrics.decoded == 100)
        #expect(capture.metrics.corrupt == 0)
        #expect(capture.states.count == 2 && capture.states.last == .ended)
    }

    @Test("Selects frames for the same ticks at a variable frame rate")
    func variableRate() async throws {
        let capture = try await capture(fixture("variable-rate.mkv"))
        #expect(capture.ticks == Array(0..<16))
    }

    @Test("Skips the ticks in a gap")
    func gap() async throws {
        let capture = try await capture(fixture("gap-3s.mp4"))
        #expect(capture.ticks == Array(0..<8) + Array(20..<28))
        #expect(Set(capture.frames.map(\.frame.segment)) == [0])
    }

    @Test("Continues in a new segment where the timestamps jump back")
    func jumpsBack() async throws {
        let capture = try await capture(fixture("time-jumps-back.ts"))
        #expect(Set(capture.frames.map(\.frame.segment)) == [0, 1])
        #expect(capture.frames.count == 32)
        for (earlier, later) in zip(capture.frames, capture.frames.dropFirst()) {
            #expect(earlier.frame.time < later.frame.time && earlier.frame.tick < later.frame.tick)
        }
    }

    @Test("Delivers the same frames on every run with any number of decoder threads", arguments: [nil, 0, 1, 2, 5, 16])
    func repeatable(threads: Int?) async throws {
        let reference = try await capture(
            fixture("b-frames.mp4"), samplingInterval: .milliseconds(40), decoderThreads: 1)
        #expect(reference.frames.count == 100)
        #expect(Set(reference.frames.map(\.pixels)).count > 80)
        let other = try await capture(
            fixture("b-frames.mp4"), samplingInterval: .milliseconds(40), decoderThreads: threads)
        #expect(other.frames.map(\.pixels) == reference.frames.map(\.pixels))
        #expect(other.frames.map(\.frame.time) == reference.frames.map(\.frame.time))
    }

    @Test("Drops no frame of an unpaced file for a reader that is slower than the decoder")
    func slowReader() async throws {
        var timesBlocked = 0
        let capture = try await capture(
            "test:testsrc2=size=64x48:rate=50:duration=4", samplingInterval: .milliseconds(20)
        ) { feed in
            // Until the decoder has filled the buffer and waits for the reader, or has reached the end of the file.
            while !feed.isProducerWaiting, feed.metrics().decoded < 200 { await Task.yield() }
            if feed.isProducerWaiting { timesBlocked += 1 }
        }
        #expect(capture.ticks == Array(0..<200))
        #expect(capture.metrics.dropped == 0)
        #expect(timesBlocked > 150)
    }

    @Test("Drops frames of a file that is read in real time by a reader that stalls, and counts them")
    func stalledReaderInRealTime() async throws {
        var hasStalled = false
        let capture = try await capture(
            "test:testsrc2=size=64x48:rate=100:duration=0.6", samplingInterval: .milliseconds(10), pace: .realtime
        ) { feed in
            guard !hasStalled else { return }
            while feed.metrics().dropped < 5 { await Task.yield() }
            hasStalled = true
        }
        #expect(capture.metrics.dropped >= 5)
        #expect(capture.frames.count + capture.metrics.dropped == 60)
        #expect(capture.states.last == .ended)
    }

    @Test("Reads a file in real time as long as it lasts")
    func realTime() async throws {
        let start = ContinuousClock.now
        let capture = try await capture(
            "test:testsrc2=size=64x48:rate=25:duration=0.6", samplingInterval: .milliseconds(100), pace: .realtime)
        #expect(.now - start >= .milliseconds(500))
        #expect(capture.states.last == .ended)
    }

    @Test(
        "Fails with a message for a path that isn't a video",
        arguments: [
            ("no-such-file.mp4", .notFound, "no such file"),
            ("", .invalidData, "directory"),
            ("text.txt", .invalidData, "not a video"),
            ("audio-only.m4a", .invalidData, "no video stream"),
            ("truncated.mp4", .invalidData, "incomplete"),
            ("make.sh", .invalidData, "not a video"),
        ] as [(String, CaptureError.Code, String)])
    func badFiles(file: String, code: CaptureError.Code, words: String) async throws {
        let capture = try await capture(fixture(file))
        let error = try #require(capture.failure)
        #expect(error.code == code)
        #expect(error.message.contains(words), "\(error)")
        #expect(capture.frames.isEmpty && capture.states.count == 1)
    }

    @Test("Fails for an empty file")
    func emptyFile() async throws {
        // Exists everywhere and has a size of zero.
        let error = try #require(try await capture("/proc/self/environ").failure)
        #expect(error.message.contains("empty"))
    }

    @Test("Names the filter in the error for an invalid filter graph")
    func invalidGraph() async throws {
        let error = try #require(try await capture("test:no_such_filter=1").failure)
        #expect(error.code == .invalidAddress)
        #expect(error.libraryError?.description.contains("no_such_filter") == true)
    }

    @Test("Doesn't access the network for a playlist file")
    func playlist() async throws {
        let directory = try TemporaryDirectory()
        let server = try LoopbackTCPServer { _ in nil }
        let path = try directory.write(
            "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:\(server.port)/a.ts\n#EXT-X-ENDLIST\n",
            to: "list.m3u8")
        let capture = try await capture(path)
        #expect(capture.failure != nil)
        #expect(server.connectionCount == 0)
        server.stop()
    }
}
