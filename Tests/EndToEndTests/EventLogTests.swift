import Foundation
import GerundTesting
import Testing

@Suite("Event log", .timeLimit(.minutes(10)))
struct EventLogTests {
    private let directory: TemporaryDirectory
    private let log: String

    init() throws {
        self.directory = try TemporaryDirectory()
        self.log = self.directory.path("events.jsonl")
    }

    private func logLines() throws -> [OutputLine] { try OutputLine.list(self.directory.text(of: "events.jsonl")) }

    @Test("Holds every record but those of single windows, as they are on standard output")
    func contents() async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--duration", "20", "--log", self.log)
        #expect(result.ending == .exited(0))
        let expected = try result.lines.logged
        #expect(expected.contains { $0.contains(#""type":"event""#) })
        #expect(try self.logLines().map(\.text) == expected)
    }

    @Test("Doesn't depend on the output format")
    func formats() async throws {
        for format in ["text", "jsonl"] {
            let result = try await Gerund.run(
                "watch", Gerund.clip, "--duration", "10", "--format", format, "--log", self.log)
            #expect(result.ending == .exited(0))
        }
        let lines = try self.logLines()
        let half = lines.count / 2
        #expect(half > 3)
        #expect(lines[..<half].map(\.timeless) == lines[half...].map(\.timeless))
    }

    @Test("Is appended to, after an incomplete last line has been removed")
    func repair() async throws {
        let first = try await Gerund.run("watch", Gerund.clip, "--duration", "3", "--log", self.log)
        #expect(first.ending == .exited(0))
        let old = try self.directory.text(of: "events.jsonl")
        try self.directory.write(old + #"{"type":"event","phase":"sta"#, to: "events.jsonl")
        for _ in 0..<2 {
            let result = try await Gerund.run("watch", Gerund.clip, "--duration", "3", "--log", self.log)
            #expect(result.ending == .exited(0))
        }
        #expect(try self.directory.text(of: "events.jsonl").hasPrefix(old))
        let lines = try self.logLines()
        #expect(lines.ofType("run").count == 3)
        #expect(lines.ofType("summary").count == 3)
    }

    @Test("Is complete up to the last event when the program is killed, and is continued by the next run")
    func killed() async throws {
        let process = try await Gerund.start(
            ["watch", Gerund.clip, "--pace", "realtime", "--format", "jsonl", "--log", self.log])
        try await process.wait(for: "an ended event") { $0.output.contains(#""phase":"ended""#) }
        process.signal(SIGKILL)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .killed(signal: SIGKILL))

        // The last line may be incomplete; what stands before it is what was printed.
        let text = try self.directory.text(of: "events.jsonl")
        let complete = text[..<(text.lastIndex(of: "\n").map { text.index(after: $0) } ?? text.startIndex)]
        let logged = try OutputLine.list(String(complete))
        #expect(logged.ofType("event").contains { $0.phase == "ended" })
        let printed = result.output[...(result.output.lastIndex(of: "\n") ?? result.output.startIndex)]
        let expected = try OutputLine.list(String(printed)).logged
        let common = min(logged.count, expected.count)
        #expect(logged.map(\.text).prefix(common).elementsEqual(expected.prefix(common)))
        #expect(abs(logged.count - expected.count) <= 1, "a record is on its way at most")

        let next = try await Gerund.run("watch", Gerund.clip, "--duration", "10", "--log", self.log)
        #expect(next.ending == .exited(0))
        let lines = try self.logLines()
        #expect(lines.count > logged.count)
        #expect(lines.prefix(logged.count).map(\.text) == logged.map(\.text))
        #expect(lines.suffix(try next.lines.logged.count).map(\.text) == (try next.lines.logged))
    }

    @Test("Refuses a path that can't be written before anything runs", arguments: [".", "no-directory/events.jsonl"])
    func unwritable(path: String) async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--log", self.directory.path(path))
        result.expectRefused(exit: 1, "cannot open the log")
        #expect(result.output == "")
    }

    @Test(
        "Refuses a file that isn't a log, and leaves it unchanged",
        arguments: ["source", "other video", "labels", "configuration"])
    func otherFile(kind: String) async throws {
        let clip = try self.directory.write(try Gerund.clipBytes, to: "cam1.mp4")
        let other = try self.directory.write(try Gerund.clipBytes, to: "cam2.mp4")
        let labels = try self.directory.write("walking\nwaving a hand\n", to: "labels.txt")
        let configuration = try self.directory.write("labels: [walking]\n", to: "gerund.yaml")
        let (arguments, log) =
            switch kind {
            case "source": ([clip], clip)
            case "other video": ([clip], other)
            case "labels": ([clip, "--labels", labels], labels)
            default: ([clip, "--config", configuration], configuration)
            }
        let before = FileManager.default.contents(atPath: log)
        let result = try await Gerund.run(["watch"] + arguments + ["--duration", "1", "--log", log])
        #expect([.exited(1), .exited(2)].contains(result.ending), "\(result.errors)")
        #expect(result.errorLines.count == 1 && result.errors.contains(log), "\(result.errors)")
        #expect(FileManager.default.contents(atPath: log) == before)
    }

    @Test(
        "Refuses the file to which standard output or error is redirected",
        arguments: [
            ("> log", "log", "standard output"), (">> log", "log", "standard output"),
            ("> log", "/dev/stdout", "standard output"), ("> out 2> log", "log", "standard error"),
        ])
    func redirectedFile(redirection: String, log: String, name: String) async throws {
        let result = try await Gerund.shell(
            "cd '\(self.directory.path)' && \"$gerund\" watch \"$clip\" --duration 1 --log \(log) \(redirection); "
                + "status=$?; cat log >&2; exit $status")
        result.expectRefused(exit: 2, "\(log): is \(name), not an event log: choose another file")
    }

    @Test("Refuses a video at standard input that is the source")
    func standardInput() async throws {
        let clip = try self.directory.write(try Gerund.clipBytes, to: "clip.mp4")
        let result = try await Gerund.shell("\"$gerund\" watch - --duration 1 --log '\(clip)' < '\(clip)'")
        result.expectRefused(exit: 2, "is standard input, not an event log: choose another file")
        #expect(FileManager.default.contents(atPath: clip) == Data(try Gerund.clipBytes))
    }

    @Test("Reports a full disk once, and recognition continues")
    func fullDisk() async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--duration", "3", "--log", "/dev/full")
        result.expectRefused(exit: 0, "/dev/full", "cannot write the log", "continuing")
        #expect(try result.lines.last?.members.type == "summary")
    }

    @Test(
        "Gets the end of an open event when a signal ends the run",
        arguments: zip([SIGINT, SIGTERM], [130, 143] as [Int32]))
    func signals(signal: Int32, code: Int32) async throws {
        let process = try await Gerund.start(
            ["watch", Gerund.clip, "--pace", "realtime", "--format", "jsonl", "--log", self.log] + Gerund.eager)
        try await process.wait(for: "the start of an event") { $0.output.contains(#""phase":"started""#) }
        process.signal(signal)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(code))
        #expect(result.errors == "")
        let lines = try self.logLines()
        lines.expectClosedEvents()
        #expect(lines.ofType("event").last?.interrupted == true)
        #expect(lines.last?.members.type == "summary")
        #expect(try result.lines.logged == lines.map(\.text))
    }

    @Test("Is reopened after it was moved away, and loses no record")
    func rotation() async throws {
        let process = try await Gerund.start(
            ["watch", Gerund.clip, "--pace", "realtime", "--format", "jsonl", "--log", self.log] + Gerund.eager)
        try await process.wait(for: "the start of an event") { $0.output.contains(#""phase":"started""#) }
        try FileManager.default.moveItem(atPath: self.log, toPath: self.directory.path("events.jsonl.1"))
        process.signal(SIGHUP)
        process.signal(SIGINT)
        let result = try await process.result(within: .seconds(20))
        #expect(result.ending == .exited(130))
        let old = try OutputLine.list(self.directory.text(of: "events.jsonl.1"))
        let new = try self.logLines()
        #expect(!new.isEmpty)
        #expect(try result.lines.logged == (old + new).map(\.text))
    }

    @Test("Is rotated at the maximum size, and loses no record")
    func ownRotation() async throws {
        var expected: [String] = []
        for _ in 0..<2 {
            let result = try await Gerund.run(
                ["watch", Gerund.clip, "--log", self.log, "--log-max-size", "4k", "--log-max-files", "99"]
                    + Gerund.eager)
            result.expectSuccess()
            expected += try result.lines.logged
        }
        let old = (1...99).reversed().compactMap { try? self.directory.text(of: "events.jsonl.\($0)") }
        #expect(!old.isEmpty)
        #expect(old.allSatisfy { $0.utf8.count <= 4096 && $0.hasSuffix("\n") })
        let lines = try old.flatMap { try OutputLine.list($0) } + self.logLines()
        #expect(lines.map(\.text) == expected)
    }
}
