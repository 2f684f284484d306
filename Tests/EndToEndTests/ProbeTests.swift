import Testing

@Suite("Commands probe and devices", .timeLimit(.minutes(10)))
struct ProbeTests {
    @Test("Reports codec, size and frame rate of a file")
    func file() async throws {
        let result = try await Gerund.run("probe", Gerund.clip, "--format", "jsonl")
        result.expectSuccess()
        let lines = try result.lines
        #expect(lines.count == 1)
        let probe = try #require(lines.first)
        #expect(probe.members.type == "probe")
        #expect(probe.members.source == "everyday-actions.mp4")
        #expect(probe.members.codec == "h264")
        #expect((probe.members.width, probe.members.height) == (640, 360))
        #expect((probe.members.fps, probe.members.measuredFPS) == (25, 25))
        #expect(probe.names.contains("open_ms") && probe.names.contains("first_frame_ms"))
        #expect(probe.members.error == nil)
    }

    @Test("Reports a source as text")
    func text() async throws {
        let result = try await Gerund.run("probe", Gerund.clip, "--format", "text")
        result.expectSuccess()
        #expect(result.output.hasPrefix("everyday-actions.mp4"), "\(result.output)")
        #expect(result.output.contains("640x360") && result.output.contains("h264"))
    }

    @Test("Reports a source that can't be opened with exit code 3")
    func missing() async throws {
        try await Gerund.run("probe", "nothing.mp4").expectRefused(exit: 3, "nothing.mp4", "no such file")
    }

    @Test("Doesn't print the password of a camera that refuses the connection")
    func password() async throws {
        let result = try await Gerund.run("probe", "rtsp://user:s3cret@127.0.0.1:1/door")
        result.expectRefused(exit: 3, "127.0.0.1")
        #expect(!(result.output + result.errors).contains("s3cret"))
    }

    @Test("Lists the V4L2 devices, or reports that none is connected")
    func devices() async throws {
        let result = try await Gerund.run("devices", "--format", "jsonl")
        #expect(result.ending == .exited(0))
        let lines = try result.lines
        if lines.isEmpty {
            #expect(result.errorLines == ["gerund: no V4L2 device: is a camera connected?"])
        }
        for line in lines {
            #expect(line.members.type == "device")
            #expect(line.text.contains(#""path":"/dev/video"#), "\(line.text)")
        }
    }
}
