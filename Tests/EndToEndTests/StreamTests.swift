import Foundation
import Glibc
import Testing

@Suite(
    "A stream over RTSP",
    .enabled("GStreamer's RTSP server is not installed: see Tests/EndToEnd/rtsp_server.py") {
        try await RTSPServer.isInstalled
    })
struct StreamTests {
    private static let password = "s3cret@word"
    private static let passwordInURL = "s3cret%40word"

    /// Options with which every window is inside an event, whatever it shows.
    private static let eager = ["--enter", "0", "--exit", "0", "--min-duration", "0", "--merge-gap", "0"]

    /// Expects that nothing that anybody can read holds the password, in any spelling.
    private func expectNoPassword(_ texts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        for text in texts { #expect(!text.contains("s3cret"), sourceLocation: sourceLocation) }
    }

    @Test("gives the labels that the same clip gives as a file, which are right")
    func sameAsFile() async throws {
        let server = try await RTSPServer()
        let result = try await Gerund.run("watch", server.address(), "--duration", "49")
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        let lines = try result.lines
        #expect(lines.ofType("source").map(\.state) == ["open", "warming"])

        let last = try #require(lines.ofType("label").last?.t)
        #expect(last > 8)
        let seen = try Gerund.timeline.filter { $0.end <= last }
        let score = try TimelineScore(jsonLines: result.output, timeline: seen, margin: 0.2)
        #expect(score.windowShare >= 0.85, "\(score.rightWindows) of \(score.windows) windows")
        #expect(score.missed == [])

        // A stream's first frame may have no time stamp, so that windows can be a frame apart.
        let file = try await Gerund.wholeClip.value.lines.ofType("label")
        let windows = lines.ofType("label")
        let same = windows.count { window in
            file.contains { abs(($0.t ?? 0) - (window.t ?? 0)) < 0.06 && $0.label == window.label }
        }
        #expect(Double(same) >= 0.85 * Double(windows.count), "\(same) of \(windows.count) windows")
    }

    @Test("ends after --duration of it as a film does: open events end, and nothing is called interrupted")
    func duration() async throws {
        let server = try await RTSPServer()
        // More patience than the test has: the run has to end of itself.
        let result = try await Gerund.run(
            ["watch", server.address(), "--duration", "4", "--stall-timeout", "600"] + Self.eager)
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        let lines = try result.lines
        let times = lines.ofType("label").compactMap(\.t)
        #expect(try #require(times.last) > 3 && times.allSatisfy { $0 < 4 })
        try self.expectClosedEvents(lines)
        let last = try #require(lines.last { $0.members.phase == "end" }).members
        #expect(last.interrupted == nil && last.end == times.last)
        #expect(lines.last?.members.type == "end")
    }

    @Test("gives all that --duration asks for also when it takes long to open")
    func durationAfterSlowOpening() async throws {
        let server = try await RTSPServer()
        server.freeze(true)
        let process = try await Gerund.start(
            ["watch", server.address(), "--duration", "3", "--stall-timeout", "60"])
        try await process.wait(for: "the run") { $0.output.contains(#""type":"run""#) }
        try await Task.sleep(for: .seconds(3))
        server.freeze(false)
        let result = try await process.result()
        #expect(result.ending == .exited(0))
        #expect(try #require(result.lines.ofType("label").last?.t) > 2.5)
    }

    @Test("ends soon after --duration also when it gives nothing any more")
    func durationOfAStall() async throws {
        let server = try await RTSPServer()
        let process = try await Gerund.start(
            ["watch", server.address(), "--duration", "3", "--stall-timeout", "1"] + Self.eager)
        try await process.wait(for: "an event") { $0.output.contains(#""phase":"start""#) }
        server.freeze(true)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(0))
        try self.expectClosedEvents(result.lines)
    }

    /// Each event has one end.
    private func expectClosedEvents(_ lines: [OutputLine], sourceLocation: SourceLocation = #_sourceLocation) throws {
        let events = lines.ofType("event")
        #expect(!events.isEmpty, sourceLocation: sourceLocation)
        #expect(
            events.filter { $0.phase == "start" }.map(\.id) == events.filter { $0.phase == "end" }.map(\.id),
            sourceLocation: sourceLocation)
    }

    @Test("gives labels beside fifteen others that are opened at the same moment")
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
        #expect(try !result.lines.contains { ["failed", "lost"].contains($0.members.state) })
    }

    @Test("is refused with a wrong password, which is not told, or none")
    func wrongPassword() async throws {
        let server = try await RTSPServer(password: Self.password)
        for password in ["s3cretly-wrong", nil] {
            let result = try await Gerund.run("watch", server.address(password: password), "--keep-trying")
            BadSourceTests.expectRefused(result, "door", "password")
            self.expectNoPassword(result.output, result.errors)
            #expect(try result.lines.ofType("source").map(\.state) == ["failed"])
        }
    }

    @Test("that the server doesn't have is refused without the password")
    func noSuchStream() async throws {
        let server = try await RTSPServer(password: Self.password)
        let address = server.address(password: Self.passwordInURL, path: "nothing")
        let result = try await Gerund.run("watch", address)
        BadSourceTests.expectRefused(result, "door", "no such stream")
        self.expectNoPassword(result.output, result.errors)
    }

    @Test("is lost with its server, is opened again with it, and ends in order with a signal")
    func reconnection() async throws {
        let folder = try TemporaryFolder()
        let server = try await RTSPServer(password: Self.password)
        let process = try await Gerund.start(
            ["watch", server.address(password: Self.passwordInURL), "--log", folder.path("events.jsonl")] + Self.eager)
        func count(_ part: String) -> Int { process.output.components(separatedBy: part).count - 1 }

        try await process.wait(for: "an event") { _ in count(#""phase":"start""#) == 1 }
        try await server.unplug()
        try await process.wait(for: "the loss") { _ in count(#""state":"lost""#) > 0 }
        let windows = count(#""type":"label""#)

        let again = try await RTSPServer(port: server.port, password: Self.password)
        try await process.wait(for: "another opening") { _ in count(#""state":"open""#) == 2 }
        try await process.wait(for: "more labels") { _ in count(#""type":"label""#) > windows }
        process.signal(SIGINT)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(130))
        withExtendedLifetime(again) {}

        let lines = try result.lines
        let lost = try #require(lines.first { $0.members.state == "lost" })
        #expect(lost.names == ["type", "source", "state", "reason", "retry_s", "time"])
        let events = lines.ofType("event")
        #expect(events.count >= 4 && events.count.isMultiple(of: 2))
        #expect(events.filter { $0.phase == "start" }.map(\.id) == events.filter { $0.phase == "end" }.map(\.id))
        #expect(Set(events.map(\.id)).count == events.count / 2)
        #expect(events.last?.interrupted == true)

        // What was open ends before the loss is told; media time goes on across it.
        let before = lines.prefix { $0.members.state != "lost" }
        #expect(before.last?.members.phase == "end" && before.last?.members.interrupted == true)
        let times = lines.ofType("label").compactMap(\.t)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })

        let log = try folder.text(of: "events.jsonl")
        #expect(try OutputLine.list(log).map(\.text) == lines.filter { $0.members.type != "label" }.map(\.text))
        self.expectNoPassword(result.output, result.errors, log)
    }

    @Test("that stops without a word is lost after --stall-timeout and opened again when it goes on")
    func stall() async throws {
        let server = try await RTSPServer()
        let process = try await Gerund.start(["watch", server.address(), "--stall-timeout", "2"])
        try await process.wait(for: "a label") { $0.output.contains(#""type":"label""#) }
        server.freeze(true)
        try await process.wait(for: "the loss") { $0.output.contains("no packet for 2 s") }
        server.freeze(false)
        try await process.wait(for: "another opening") {
            $0.output.components(separatedBy: #""state":"open""#).count == 3
        }
        process.signal(SIGTERM)
        #expect(try await process.result(within: .seconds(20)).ending == .exited(143))
    }
}
