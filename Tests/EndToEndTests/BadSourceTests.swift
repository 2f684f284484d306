import Foundation
import Testing

@Suite("A source that can't be watched")
struct BadSourceTests {
    /// Expects the documented exit code and one line of complaint that contains `parts`.
    static func expectRefused(
        _ result: ChildProcess.Result, exit code: Int32 = 3, _ parts: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(result.ending == .exited(code), "\(result.errors)", sourceLocation: sourceLocation)
        #expect(result.errorLines.count == 1, "\(result.errors)", sourceLocation: sourceLocation)
        #expect(result.errors.hasPrefix("gerund: ") && result.errors.hasSuffix("\n"), sourceLocation: sourceLocation)
        for part in parts {
            #expect(result.errors.contains(part), "\(result.errors)", sourceLocation: sourceLocation)
        }
    }

    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    @Test("because it is missing is named, and told in the records too")
    func missing() async throws {
        let result = try await Gerund.run("watch", self.folder.path("nothing.mp4"))
        Self.expectRefused(result, "nothing.mp4", "no such file")
        let lines = try result.lines
        #expect(lines.map(\.members.type) == ["run", "source", "end"])
        #expect(lines.ofType("source").first?.state == "failed")
    }

    @Test("because it is a folder is named")
    func directory() async throws {
        Self.expectRefused(try await Gerund.run("watch", self.folder.path), "folder")
    }

    @Test("because the file is empty is named")
    func empty() async throws {
        let file = try self.folder.write("", to: "empty.mp4")
        Self.expectRefused(try await Gerund.run("watch", file), "empty.mp4", "the file is empty")
    }

    @Test("because it is a text is named", arguments: ["notes.txt", "notes.mp4"])
    func text(name: String) async throws {
        let file = try self.folder.write(String(repeating: "Nothing moves in here.\n", count: 100), to: name)
        Self.expectRefused(try await Gerund.run("watch", file), name)
    }

    @Test("because it is noise is named")
    func noise() async throws {
        var state: UInt64 = 1
        let bytes = (0..<5000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(state >> 56)
        }
        Self.expectRefused(try await Gerund.run("watch", try self.folder.write(bytes, to: "noise.mp4")), "noise.mp4")
    }

    @Test("because it is sound only is named")
    func audioOnly() async throws {
        let file = try self.folder.write(Self.silence(), to: "sound.wav")
        Self.expectRefused(try await Gerund.run("watch", file), "sound.wav", "no video stream")
    }

    /// A second of silence as a WAV file: 8000 samples of 16 bits.
    private static func silence() -> [UInt8] {
        func number(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let format: [UInt8] = [1, 0, 1, 0] + number(8000) + number(16000) + [2, 0, 16, 0]
        let data = [UInt8](repeating: 0, count: 16000)
        return Array("RIFF".utf8) + number(36 + 16000) + Array("WAVEfmt ".utf8) + number(16) + format
            + Array("data".utf8) + number(16000) + data
    }

    @Test("because its codec is unknown is named")
    func unknownCodec() async throws {
        var bytes = try Gerund.clipBytes
        for place in bytes.ranges(of: Array("avc1".utf8)) { bytes.replaceSubrange(place, with: Array("zzzz".utf8)) }
        let file = try self.folder.write(bytes, to: "unknown.mp4")
        Self.expectRefused(try await Gerund.run("watch", file), "unknown.mp4", "no decoder")
    }

    @Test("because its beginning is cut off is named", arguments: [8, 40, 300, 10_000])
    func truncatedIndex(count: Int) async throws {
        let file = try self.folder.write(try Gerund.clipBytes.prefix(count), to: "cut.mp4")
        Self.expectRefused(try await Gerund.run("watch", file), "cut.mp4")
    }

    @Test("because there is no such device is named")
    func noDevice() async throws {
        Self.expectRefused(try await Gerund.run("watch", "/dev/video987"), "/dev/video987", "no such device")
    }

    @Test("because nobody listens at its address is named, without its password")
    func refusedConnection() async throws {
        let port = try LoopbackListener().port  // closed again when it is used
        let result = try await Gerund.run("watch", "rtsp://user:s3cret@127.0.0.1:\(port)/door")
        Self.expectRefused(result, "127.0.0.1", "refuses the connection")
        #expect(!(result.errors + result.output).contains("s3cret"))
    }

    @Test("because the host never answers is named after the open time-out", arguments: ["rtsp", "http"])
    func silentHost(scheme: String) async throws {
        let listener = try LoopbackListener()
        let result = try await Gerund.run("watch", "\(scheme)://user:s3cret@127.0.0.1:\(listener.port)/door")
        Self.expectRefused(result, "127.0.0.1", "nothing came within 10 s")
        #expect(!(result.errors + result.output).contains("s3cret"))
        withExtendedLifetime(listener) {}
    }

    @Test("because its host is unknown is named")
    func unknownHost() async throws {
        Self.expectRefused(try await Gerund.run("watch", "rtsp://no-such-host.invalid/door"), "no-such-host.invalid")
    }

    @Test("because the test graph is wrong is named", arguments: ["test:nonsense", "test:", "test:testsrc2=size=x"])
    func wrongGraph(graph: String) async throws {
        let result = try await Gerund.run("watch", graph, "--duration", "1")
        #expect(result.errors.hasPrefix("gerund: ") && result.errorLines.count == 1, "\(result.errors)")
        #expect([.exited(2), .exited(3)].contains(result.ending))
    }

    @Test("doesn't keep the others from being watched")
    func oneOfTwo() async throws {
        let result = try await Gerund.run("watch", self.folder.path("nothing.mp4"), Gerund.clip, "--duration", "3")
        Self.expectRefused(result, exit: 1, "nothing.mp4", "no such file")
        let ends = try result.lines.ofType("end")
        #expect(ends.first { $0.source == "everyday-actions.mp4" }?.frames == 12)
    }

    @Test("because standard input is empty is named")
    func emptyInput() async throws {
        Self.expectRefused(try await Gerund.run("watch", "-"))
    }
}
