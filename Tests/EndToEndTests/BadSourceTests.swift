import Foundation
import GerundCore
import GerundTesting
import Testing

@Suite("Sources that can't be watched", .timeLimit(.minutes(10)))
struct BadSourceTests {
    private let directory: TemporaryDirectory

    init() throws { self.directory = try TemporaryDirectory() }

    @Test("A missing file is reported on standard error and in the records")
    func missing() async throws {
        let result = try await Gerund.run("watch", self.directory.path("nothing.mp4"))
        result.expectRefused("nothing.mp4", "no such file")
        let lines = try result.lines
        #expect(lines.map(\.members.type) == ["run", "source", "summary"])
        #expect(lines.ofType("source").first?.state == "failed")
        #expect(lines.ofType("source").first?.error?.contains("no such file") == true)
    }

    @Test("A directory is reported as one")
    func isDirectory() async throws {
        try await Gerund.run("watch", self.directory.path).expectRefused("directory")
    }

    @Test("An empty file is reported as one")
    func empty() async throws {
        let file = try self.directory.write("", to: "empty.mp4")
        try await Gerund.run("watch", file).expectRefused("empty.mp4", "the file is empty")
    }

    @Test("A text file is refused with its name", arguments: ["notes.txt", "notes.mp4"])
    func text(name: String) async throws {
        let file = try self.directory.write(String(repeating: "Nothing moves in here.\n", count: 100), to: name)
        try await Gerund.run("watch", file).expectRefused(name)
    }

    @Test("A file of random bytes is refused with its name")
    func noise() async throws {
        var random = SplitMix64(seed: 1)
        let bytes = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let file = try self.directory.write(bytes, to: "noise.mp4")
        try await Gerund.run("watch", file).expectRefused("noise.mp4")
    }

    @Test("A file with audio only is reported as having no video stream")
    func audioOnly() async throws {
        let file = try self.directory.write(Self.silence(), to: "sound.wav")
        try await Gerund.run("watch", file).expectRefused("sound.wav", "no video stream")
    }

    /// A second of silence as a WAV file: 8000 samples of 16 bits.
    private static func silence() -> [UInt8] {
        func number(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let format: [UInt8] = [1, 0, 1, 0] + number(8000) + number(16000) + [2, 0, 16, 0]
        let data = [UInt8](repeating: 0, count: 16000)
        return Array("RIFF".utf8) + number(36 + 16000) + Array("WAVEfmt ".utf8) + number(16) + format
            + Array("data".utf8) + number(16000) + data
    }

    @Test("A codec without a decoder is reported")
    func unknownCodec() async throws {
        var bytes = try Gerund.clipBytes
        for range in bytes.ranges(of: Array("avc1".utf8)) { bytes.replaceSubrange(range, with: Array("zzzz".utf8)) }
        let file = try self.directory.write(bytes, to: "unknown.mp4")
        try await Gerund.run("watch", file).expectRefused("unknown.mp4", "no decoder")
    }

    @Test("A file that ends before its index is refused with its name", arguments: [8, 40, 300, 10_000])
    func truncatedIndex(count: Int) async throws {
        let file = try self.directory.write(try Gerund.clipBytes.prefix(count), to: "cut.mp4")
        try await Gerund.run("watch", file).expectRefused("cut.mp4")
    }

    @Test("A missing device is reported with its path")
    func noDevice() async throws {
        try await Gerund.run("watch", "/dev/video987").expectRefused("/dev/video987", "no such device")
    }

    @Test("A refused connection is reported without the password")
    func refusedConnection() async throws {
        let server = try LoopbackTCPServer()
        server.stop()  // so that the port refuses connections
        let port = server.port
        let result = try await Gerund.run("watch", "rtsp://user:s3cret@127.0.0.1:\(port)/door")
        result.expectRefused("127.0.0.1", "connection refused")
        #expect(!(result.errors + result.output).contains("s3cret"))
    }

    @Test("A host that never answers is reported after the open time-out", arguments: ["rtsp", "http"])
    func silentHost(scheme: String) async throws {
        let listener = try LoopbackTCPServer()
        defer { listener.stop() }
        let result = try await Gerund.run("watch", "\(scheme)://user:s3cret@127.0.0.1:\(listener.port)/door")
        result.expectRefused("127.0.0.1", "10 s")
        #expect(!(result.errors + result.output).contains("s3cret"))
    }

    @Test("An unknown host is reported with its name")
    func unknownHost() async throws {
        try await Gerund.run("watch", "rtsp://no-such-host.invalid/door").expectRefused("no-such-host.invalid")
    }

    @Test(
        "An invalid test graph is refused in one line",
        arguments: [("test:nonsense", 3), ("test:", 2), ("test:testsrc2=size=x", 3)] as [(String, Int32)])
    func wrongGraph(graph: String, code: Int32) async throws {
        try await Gerund.run("watch", graph, "--duration", "1").expectRefused(exit: code)
    }

    @Test("A missing file doesn't keep the others from being watched")
    func oneOfTwo() async throws {
        let result = try await Gerund.run("watch", self.directory.path("nothing.mp4"), Gerund.clip, "--duration", "3")
        result.expectRefused(exit: 1, "nothing.mp4", "no such file")
        let summaries = try result.lines.ofType("summary")
        #expect(summaries.first { $0.source == "everyday-actions.mp4" }?.framesRead == 12)
    }

    @Test("Empty standard input is refused")
    func emptyInput() async throws {
        try await Gerund.run("watch", "-").expectRefused("stdin")
    }
}
