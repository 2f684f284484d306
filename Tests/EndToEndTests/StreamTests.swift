import Foundation
import GerundTesting
import Glibc
import Testing

@Suite(
    "Streams over RTSP", .timeLimit(.minutes(10)),
    .enabled("GStreamer's RTSP server isn't installed: see Tests/Tools/rtsp_server.py") {
        try await RTSPServer.isInstalled
    })
struct StreamTests {
    private static let password = "s3cret@word"
    private static let passwordInURL = "s3cret%40word"

    /// Expects that no output contains the password, in any spelling.
    private func expectNoPassword(_ texts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        for text in texts { #expect(!text.contains("s3cret"), sourceLocation: sourceLocation) }
    }

    @Test("Gives the right labels, the same as the clip read as a file")
    func sameAsFile() async throws {
        let server = try await RTSPServer()
        let result = try await Gerund.run("watch", server.address(), "--duration", "49")
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        let lines = try result.lines
        #expect(lines.ofType("source").map(\.state) == ["connected", "warming_up"])

        let last = try #require(lines.ofType("label").last?.mediaTime)
        #expect(last > 8)
        let seen = try Gerund.timeline.filter { $0.end <= last }
        let score = try TimelineScore(jsonLines: result.output, timeline: seen, margin: 0.2)
        #expect(score.windowRatio >= 0.85, "\(score.rightWindows) of \(score.windows) windows")
        #expect(score.missed == [])

        // A stream's first frame may have no time stamp, so that windows can be a frame apart.
        let file = try await Gerund.wholeClip.value.lines.ofType("label")
        let windows = lines.ofType("label")
        let same = windows.count { window in
            file.contains { abs(($0.mediaTime ?? 0) - (window.mediaTime ?? 0)) < 0.06 && $0.label == window.label }
        }
        #expect(Double(same) >= 0.85 * Double(windows.count), "\(same) of \(windows.count) windows")
    }

    @Test("Ends after --duration as a file does: open events end, and none is interrupted")
    func duration() async throws {
        let server = try await RTSPServer()
        // A stall time-out longer than the test: the run must end by itself.
        let result = try await Gerund.run(
            ["watch", server.address(), "--duration", "4", "--stall-timeout", "600"] + Gerund.eager)
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        let lines = try result.lines
        let times = lines.ofType("label").compactMap(\.mediaTime)
        #expect(try #require(times.last) > 3 && times.allSatisfy { $0 < 4 })
        lines.expectClosedEvents()
        let last = try #require(lines.last { $0.members.phase == "ended" }).members
        #expect(last.interrupted == nil && last.end == times.last)
        #expect(lines.last?.members.type == "summary")
    }

    @Test("Gives all that --duration asks for when opening takes long")
    func durationAfterSlowOpening() async throws {
        let server = try await RTSPServer()
        server.freeze(true)
        let process = try await Gerund.start(
            ["watch", server.address(), "--duration", "3", "--stall-timeout", "60"])
        let start = ContinuousClock.now
        try await process.wait(for: "the run") { $0.output.contains(#""type":"run""#) }
        // Longer than --duration: opening, not the stream, takes this time.
        try await process.wait(for: "three seconds") { _ in ContinuousClock.now - start > .seconds(3) }
        server.freeze(false)
        let result = try await process.result()
        #expect(result.ending == .exited(0))
        #expect(try #require(result.lines.ofType("label").last?.mediaTime) > 2.5)
    }

    @Test("Ends soon after --duration when the stream has stalled")
    func durationOfAStall() async throws {
        let server = try await RTSPServer()
        let process = try await Gerund.start(
            ["watch", server.address(), "--duration", "3", "--stall-timeout", "1"] + Gerund.eager)
        try await process.wait(for: "an event") { $0.output.contains(#""phase":"started""#) }
        server.freeze(true)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(0))
        try result.lines.expectClosedEvents()
    }

    @Test("Opens sixteen streams at once, and labels each")
    func manyAtOnce() async throws {
        let server = try await RTSPServer()
        let names = Set((1...16).map { "camera-\($0)" })
        let process = try await Gerund.start(["watch"] + names.map { server.address(name: $0) })
        try await process.wait(for: "labels of every source") { process in
            let lines = process.output.split(separator: "\n").filter { $0.hasPrefix(#"{"type":"label""#) }
            return names.allSatisfy { name in lines.contains { $0.contains(#""source":"\#(name)""#) } }
        }
        process.signal(SIGTERM)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(143))
        #expect(try !result.lines.contains { ["failed", "disconnected"].contains($0.members.state) })
    }

    @Test("Is refused with a wrong password, which isn't printed, or without one")
    func wrongPassword() async throws {
        let server = try await RTSPServer(password: Self.password)
        for password in ["s3cretly-wrong", nil] {
            let result = try await Gerund.run("watch", server.address(password: password), "--keep-trying")
            result.expectRefused("door", "password")
            self.expectNoPassword(result.output, result.errors)
            #expect(try result.lines.ofType("source").map(\.state) == ["failed"])
        }
    }

    @Test("Is refused if the server doesn't have it, without the password in the message")
    func noSuchStream() async throws {
        let server = try await RTSPServer(password: Self.password)
        let address = server.address(password: Self.passwordInURL, path: "nothing")
        let result = try await Gerund.run("watch", address)
        result.expectRefused("door", "no such stream")
        self.expectNoPassword(result.output, result.errors)
    }

    @Test("Disconnects with its server, reconnects with it, and ends its events after a signal")
    func reconnection() async throws {
        let directory = try TemporaryDirectory()
        let server = try await RTSPServer(password: Self.password)
        let process = try await Gerund.start(
            ["watch", server.address(password: Self.passwordInURL), "--log", directory.path("events.jsonl")]
                + Gerund.eager)
        func count(_ part: String) -> Int { process.output.components(separatedBy: part).count - 1 }

        try await process.wait(for: "an event") { _ in count(#""phase":"started""#) == 1 }
        try await server.unplug()
        try await process.wait(for: "the disconnection") { _ in count(#""state":"disconnected""#) > 0 }
        let windows = count(#""type":"label""#)

        let again = try await RTSPServer(port: server.port, password: Self.password)
        try await process.wait(for: "another connection") { _ in count(#""state":"connected""#) == 2 }
        try await process.wait(for: "more labels") { _ in count(#""type":"label""#) > windows }
        process.signal(SIGINT)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(130))
        withExtendedLifetime(again) {}

        let lines = try result.lines
        let disconnected = try #require(lines.first { $0.members.state == "disconnected" })
        #expect(disconnected.names == ["type", "source", "state", "error", "retry_in_s", "time"])
        let events = lines.ofType("event")
        lines.expectClosedEvents()
        #expect(events.count >= 4)
        #expect(events.last?.interrupted == true)

        // The open event ends before the disconnection is reported; media time continues across it.
        let before = lines.prefix { $0.members.state != "disconnected" }
        #expect(before.last?.members.phase == "ended" && before.last?.members.interrupted == true)
        let times = lines.ofType("label").compactMap(\.mediaTime)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })

        let log = try directory.text(of: "events.jsonl")
        #expect(try OutputLine.list(log).map(\.text) == lines.logged)
        self.expectNoPassword(result.output, result.errors, log)
    }

    @Test("Disconnects after --stall-timeout without a packet, and reconnects when packets come again")
    func stall() async throws {
        let server = try await RTSPServer()
        let process = try await Gerund.start(["watch", server.address(), "--stall-timeout", "2"])
        try await process.wait(for: "a label") { $0.output.contains(#""type":"label""#) }
        server.freeze(true)
        try await process.wait(for: "the disconnection") { $0.output.contains("no packet for 2 s") }
        server.freeze(false)
        try await process.wait(for: "another connection") {
            $0.output.components(separatedBy: #""state":"connected""#).count == 3
        }
        process.signal(SIGTERM)
        #expect(try await process.result(within: .seconds(20)).ending == .exited(143))
    }
}
