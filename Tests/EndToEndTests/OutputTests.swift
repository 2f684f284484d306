import Foundation
import GerundTesting
import Glibc
import Testing

/// A full pipe that is never read: a write to it blocks.
private final class FullPipe: Sendable {
    private struct Failure: Error { var code: Int32 }

    private let output: Int32
    let input: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw Failure(code: errno) }
        (self.output, self.input) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(self.input, F_SETFL, O_NONBLOCK)
        let page = [UInt8](repeating: 0, count: 4096)
        while unsafe write(self.input, page, page.count) > 0 {}
        _ = fcntl(self.input, F_SETFL, 0)
    }

    deinit {
        close(self.input)
        close(self.output)
    }
}

@Suite("Standard output", .timeLimit(.minutes(10)))
struct OutputTests {
    @Test("Ends the run without an error when its reader has closed it")
    func closedPipe() async throws {
        let result = try await Gerund.shell(#""$gerund" watch "$clip" | head -n 1"#)
        #expect(result.errors == "")
        #expect(result.output.split(separator: "\n").count == 1)
        #expect(try result.lines.first?.members.type == "run")
    }

    @Test("Leaves a complete log when its reader has closed it", arguments: ["text", "jsonl"])
    func closedPipeWithLog(format: String) async throws {
        let directory = try TemporaryDirectory()
        let log = directory.path("events.jsonl")
        let result = try await Gerund.shell(
            #"{ "$gerund" watch "$clip" --format \#(format) --log "$log"; echo $? >&2; } | head -n 1"#,
            environment: ["log": log])
        #expect(result.errors == "0\n")
        let lines = try OutputLine.list(directory.text(of: "events.jsonl"))
        #expect(lines.first?.members.type == "run")
    }

    @Test("Ends the run with one line and exit code 1 on a full disk")
    func fullDisk() async throws {
        let result = try await Gerund.shell(#""$gerund" watch "$clip" >/dev/full"#)
        result.expectRefused(exit: 1, "standard output")
    }

    @Test("Ends the run with one line and exit code 1 if it is closed from the start, and no file takes its descriptor")
    func closed() async throws {
        let directory = try TemporaryDirectory()
        let result = try await Gerund.shell(
            #""$gerund" watch "$clip" --duration 3 --log "$log" >&-"#,
            environment: ["log": directory.path("events.jsonl")])
        result.expectRefused(exit: 1, "standard output")
        _ = try OutputLine.list(directory.text(of: "events.jsonl"))
    }

    @Test("Needs neither standard input nor standard error")
    func noOthers() async throws {
        let result = try await Gerund.shell(#""$gerund" watch "$clip" --duration 3 --verbose <&- 2>&-"#)
        #expect(result.ending == .exited(0))
        #expect(try result.lines.last?.members.type == "summary")
    }

    @Test("While it is blocked, the first signal waits and the second ends the process at once")
    func secondSignal() async throws {
        // Soon after the first signal, the program stops waiting for its reader: on a busy machine before the second
        // signal comes, or before the test sees the first one taken.
        for attempt in 1...10 {
            let pipe = try FullPipe()
            let process = try await Gerund.start(
                ["watch", Gerund.clip], streams: ChildProcess.Streams(output: pipe.input))
            try await process.wait(for: "signal handlers") { !$0.isDefault(signal: SIGTERM) }
            process.signal(SIGTERM)
            try await process.wait(for: "the first signal to be seen") {
                $0.isDefault(signal: SIGTERM) || $0.hasEnded()
            }
            process.signal(SIGTERM)
            let result = try await process.result(within: .seconds(20))
            withExtendedLifetime(pipe) {}
            #expect(result.errors == "")
            if result.ending == .exited(143), attempt < 10 { continue }
            #expect(result.ending == .killed(signal: SIGTERM))
            return
        }
    }

    @Test("Has a line with its time for each change as text, and no color in a pipe")
    func text() async throws {
        let result = try await Gerund.run("watch", Gerund.clip, "--format", "text")
        // `nil` before the first record, and `.some(nil)` after one without a label.
        var last: String??
        let labels = try await Gerund.wholeClip.value.lines.ofType("label").filter { record in
            defer { last = record.label }
            return .some(record.label) != last
        }
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == labels.count)
        for (line, record) in zip(lines, labels) {
            #expect(line.contains(/^0:00:\d\d\.\d\d\s/) && line.contains(record.label ?? "none"), "\(line)")
        }
        #expect(!result.output.contains("\u{1b}"))
    }

    /// Returns what the program sends to a terminal.
    private func terminalOutput(_ environment: [String: String]) async throws -> String {
        let variables = environment.merging(["SHELL": "/bin/sh"]) { $1 }
        let result = try await Gerund.shell(
            #"script -qec '"$gerund" watch "$clip" --pace unpaced --duration 20' /dev/null"#, environment: variables)
        #expect(result.ending == .exited(0))
        return result.output
    }

    @Test("Is colored text on a terminal, with a status line that is erased at the end")
    func terminal() async throws {
        let output = try await self.terminalOutput(["TERM": "xterm-256color"])
        #expect(!output.contains("{"))
        #expect(output.contains(/0:00:\d\d\.\d\d/))
        #expect(output.contains("windows/s"))
        #expect(output.contains(/\u{1b}\[[0-9;]*m/))
        #expect(output.hasSuffix("\r\u{1b}[K"))
    }

    @Test(
        "Has no color on a terminal with NO_COLOR or TERM=dumb",
        arguments: [["TERM": "xterm-256color", "NO_COLOR": "1"], ["TERM": "dumb"]])
    func withoutColor(environment: [String: String]) async throws {
        let output = try await self.terminalOutput(environment)
        #expect(output.contains(/0:00:\d\d\.\d\d/))
        #expect(!output.contains(/\u{1b}\[[0-9;]*m/))
        #expect(output.contains("windows/s") == (environment["NO_COLOR"] != nil), "a dumb terminal has no status line")
    }
}
