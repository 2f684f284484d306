import Foundation
import Testing

@Suite("The event log")
struct EventLogTests {
    private let folder: TemporaryFolder
    private let log: String

    init() throws {
        self.folder = try TemporaryFolder()
        self.log = self.folder.path("events.jsonl")
    }

    private func logLines() throws -> [OutputLine] { try OutputLine.list(self.folder.text(of: "events.jsonl")) }

    /// Options with which every window is inside an event, whatever it shows.
    private static let eager = ["--enter", "0", "--exit", "0", "--min-duration", "0", "--merge-gap", "0"]

    @Test("holds every record but those of single windows, as they are on standard output")
    func contents() async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--duration", "20", "--log", self.log)
        #expect(result.ending == .exited(0))
        let expected = try result.lines.filter { $0.members.type != "label" }.map(\.text)
        #expect(expected.contains { $0.contains("event") })
        #expect(try self.logLines().map(\.text) == expected)
    }

    @Test("is the same whatever is printed")
    func formats() async throws {
        for format in ["text", "jsonl"] {
            let result = try await Gerund.run(
                "watch", Gerund.clip, "--duration", "10", "--format", format, "--log", self.log)
            #expect(result.ending == .exited(0))
        }
        let lines = try self.logLines()
        let half = lines.count / 2
        #expect(lines[..<half].map(\.timeless) == lines[half...].map(\.timeless))
    }

    @Test("is appended to, and a line that a crash tore is cut off first")
    func repair() async throws {
        let old = #"{"type":"end","source":"yesterday","frames":1,"windows":0,"dropped":0}"#
        try self.folder.write("\(old)\n" + #"{"type":"event","phase":"sta"#, to: "events.jsonl")
        for _ in 0..<2 {
            let result = try await Gerund.run("watch", Gerund.clip, "--duration", "3", "--log", self.log)
            #expect(result.ending == .exited(0))
        }
        let lines = try self.logLines()
        #expect(lines.first?.text == old)
        #expect(lines.ofType("run").count == 2)
        #expect(lines.ofType("end").count == 3)
    }

    @Test("that can't be written is refused before anything runs", arguments: [".", "no-folder/events.jsonl"])
    func unwritable(path: String) async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--log", self.folder.path(path))
        BadSourceTests.expectRefused(result, exit: 1, "cannot open the log")
        #expect(result.output == "")
    }

    @Test("on a full disk is told once, and recognition goes on")
    func fullDisk() async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--duration", "3", "--log", "/dev/full")
        BadSourceTests.expectRefused(result, exit: 0, "/dev/full", "cannot write the log", "recognition goes on")
        #expect(try result.lines.last?.members.type == "end")
    }

    @Test(
        "gets the end of an open event when the run is ended by a signal",
        arguments: zip([SIGINT, SIGTERM], [130, 143] as [Int32]))
    func signals(signal: Int32, code: Int32) async throws {
        let process = try await Gerund.start(
            ["watch", Gerund.clip, "--pace", "realtime", "--format", "jsonl", "--log", self.log] + Self.eager)
        try await process.wait(for: "the start of an event") { $0.output.contains(#""phase":"start""#) }
        process.signal(signal)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(code))
        #expect(result.errors == "")
        let lines = try self.logLines()
        let events = lines.ofType("event")
        #expect(events.filter { $0.phase == "start" }.map(\.id) == events.filter { $0.phase == "end" }.map(\.id))
        #expect(events.last?.interrupted == true)
        #expect(lines.last?.members.type == "end")
        #expect(try result.lines.filter { $0.members.type != "label" }.map(\.text) == lines.map(\.text))
    }

    @Test("is opened anew after it was moved away, and loses nothing")
    func rotation() async throws {
        let process = try await Gerund.start(
            ["watch", Gerund.clip, "--pace", "realtime", "--format", "jsonl", "--log", self.log] + Self.eager)
        try await process.wait(for: "the start of an event") { $0.output.contains(#""phase":"start""#) }
        try FileManager.default.moveItem(atPath: self.log, toPath: self.folder.path("events.jsonl.1"))
        process.signal(SIGHUP)
        process.signal(SIGINT)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(130))
        let old = try OutputLine.list(self.folder.text(of: "events.jsonl.1"))
        let new = try self.logLines()
        #expect(!new.isEmpty)
        #expect(try result.lines.filter { $0.members.type != "label" }.map(\.text) == (old + new).map(\.text))
    }

    @Test("is rotated at a size that is asked for, and loses nothing")
    func ownRotation() async throws {
        var expected: [String] = []
        for _ in 0..<2 {
            let result = try await Gerund.run(
                ["watch", Gerund.clip, "--log", self.log, "--log-size", "4k", "--log-keep", "99"] + Self.eager)
            #expect(result.ending == .exited(0))
            #expect(result.errors == "")
            expected += try result.lines.filter { $0.members.type != "label" }.map(\.text)
        }
        let old = (1...99).reversed().compactMap { try? self.folder.text(of: "events.jsonl.\($0)") }
        #expect(!old.isEmpty)
        #expect(old.allSatisfy { $0.utf8.count <= 4096 && $0.hasSuffix("\n") })
        let lines = try old.flatMap { try OutputLine.list($0) } + self.logLines()
        #expect(lines.map(\.text) == expected)
    }
}
