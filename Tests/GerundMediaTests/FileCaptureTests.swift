import GerundCore
import GerundMedia
import GerundStream
import Testing

@Suite("A file")
struct FileCaptureTests {
    @Test(
        "is sampled by presentation time, then ends",
        arguments: ["b-frames.mp4", "no-time-stamps.h264", "wraps-33-bits.ts"])
    func sampled(file: String) async throws {
        let capture = try await capture(fixture(file))
        #expect(capture.slots == Array(0..<16))
        // At 25 frames per second the first frame at or after each quarter of a second.
        let expected = (0..<16).map { Double(($0 * 25 + 3) / 4) / 25 }
        #expect(zip(capture.frames, expected).allSatisfy { abs($0.frame.time.seconds - $1) < 0.001 })
        #expect(capture.metrics.decoded == 100)
        #expect(capture.metrics.damaged == 0)
        #expect(capture.states.count == 2 && capture.states.last == .ended)
    }

    @Test("of a variable rate fills the same points")
    func variableRate() async throws {
        let capture = try await capture(fixture("variable-rate.mkv"))
        #expect(capture.slots == Array(0..<16))
    }

    @Test("with a gap leaves its points out")
    func gap() async throws {
        let capture = try await capture(fixture("gap-3s.mp4"))
        #expect(capture.slots == Array(0..<8) + Array(20..<28))
        #expect(Set(capture.frames.map(\.frame.segment)) == [0])
    }

    @Test("whose time stamps jump back goes on in a new segment")
    func jumpsBack() async throws {
        let capture = try await capture(fixture("time-jumps-back.ts"))
        #expect(Set(capture.frames.map(\.frame.segment)) == [0, 1])
        #expect(capture.frames.count == 32)
        for (earlier, later) in zip(capture.frames, capture.frames.dropFirst()) {
            #expect(earlier.frame.time < later.frame.time && earlier.frame.slot < later.frame.slot)
        }
    }

    @Test("gives the same frames on every run and with any number of decoder threads")
    func repeatable() async throws {
        let first = try await capture(fixture("b-frames.mp4"))
        let second = try await capture(fixture("b-frames.mp4"))
        #expect(first.frames.map(\.pixels) == second.frames.map(\.pixels))
        #expect(first.frames.map(\.frame.time) == second.frames.map(\.frame.time))
    }

    @Test("read at leisure loses nothing, however slow its reader")
    func losesNothing() async throws {
        let capture = try await capture("test:testsrc2=size=64x48:rate=50:duration=4", period: .milliseconds(20))
        #expect(capture.slots == Array(0..<200))
        #expect(capture.metrics.dropped == 0)
    }

    @Test("read in real time takes as long as it lasts")
    func realTime() async throws {
        let start = ContinuousClock.now
        let capture = try await capture(
            "test:testsrc2=size=64x48:rate=25:duration=0.6", period: .milliseconds(100), pace: .realtime)
        #expect(.now - start >= .milliseconds(500))
        #expect(capture.states.last == .ended)
    }

    @Test(
        "that is none fails with a sentence, at once",
        arguments: [
            ("no-such-file.mp4", .notFound, "no such file"),
            ("", .notAVideo, "folder"),
            ("text.txt", .notAVideo, "not a video"),
            ("audio-only.m4a", .notAVideo, "no video stream"),
            ("truncated.mp4", .notAVideo, "incomplete"),
            ("make.sh", .notAVideo, "not a video"),
        ] as [(String, CaptureError.Code, String)])
    func badFiles(file: String, code: CaptureError.Code, words: String) async throws {
        let capture = try await capture(fixture(file))
        let error = try #require(capture.failure)
        #expect(error.code == code)
        #expect(error.message.contains(words), "\(error)")
        #expect(capture.frames.isEmpty && capture.states.count == 1)
    }

    @Test("that is empty says so")
    func emptyFile() async throws {
        // Always there, always of size zero.
        let error = try #require(try await capture("/proc/self/environ").failure)
        #expect(error.message.contains("empty"))
    }

    @Test("made by a wrong graph names the filter")
    func graphFaults() async throws {
        let error = try #require(try await capture("test:no_such_filter=1").failure)
        #expect(error.code == .usage)
        #expect(error.cause?.contains("no_such_filter") == true)
    }

    @Test("reaches no network, whatever it lists")
    func playList() async throws {
        let path = "/tmp/gerund-playlist-\(UInt64.random(in: 0 ... .max)).m3u8"
        let server = try LoopbackServer { _ in nil }
        try writeFile(
            path, "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:\(server.port)/a.ts\n#EXT-X-ENDLIST\n"
        )
        defer { removeFile(path) }
        let capture = try await capture(path)
        #expect(capture.failure != nil)
        #expect(server.connectionCount == 0)
        server.stop()
    }
}
