import Foundation
import GerundCore
import GerundEvents
import Glibc
import Testing

@Suite("An event log")
struct EventLogTests {
    private let folder: TemporaryFolder
    private var path: String { self.folder.path("events.jsonl") }

    init() throws {
        self.folder = try TemporaryFolder()
    }

    private func record(_ number: Int, source: String = "door") -> Record {
        .end(EndRecord(source: SourceID(source), frames: number, windows: 0, dropped: 0))
    }

    private func label() -> Record {
        .label(
            LabelRecord(
                source: SourceID("door"), t: .zero, time: .distantPast, label: "walking", score: 1, top: [],
                mode: "exact", latency: .zero))
    }

    // MARK: Appending

    @Test("appends a line for every record but the labels of single windows")
    func appends() throws {
        for run in 0..<3 {
            var log = try EventLog(path: self.path)
            #expect(log.append(self.record(run)) == .written)
            #expect(log.append(self.label()) == .written)
        }
        #expect(try self.folder.lines(of: "events.jsonl") == (0..<3).map { self.record($0).jsonLine })
    }

    @Test("keeps whole lines when several logs append to one file at once")
    func concurrentAppends() async throws {
        let path = self.path
        let long = String(repeating: "x", count: 5000)
        try await withThrowingTaskGroup { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<100 {
                        // Opened anew each time: a repair must not cut what another is writing.
                        var log = try EventLog(path: path)
                        let outcome = log.append(
                            .end(
                                EndRecord(source: SourceID("\(writer)\(long)"), frames: number, windows: 0, dropped: 0))
                        )
                        #expect(outcome == .written)
                    }
                }
            }
            try await group.waitForAll()
        }
        let lines = try self.folder.lines(of: "events.jsonl")
        #expect(lines.count == 400)
        for line in lines {
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        }
        #expect(Set(lines).count == 400)
    }

    @Test("goes on at its path when the file was moved away, removed or replaced")
    func rotation() throws {
        var log = try EventLog(path: self.path)
        #expect(log.append(self.record(0)) == .written)
        try FileManager.default.moveItem(atPath: self.path, toPath: self.path + ".1")
        #expect(log.append(self.record(1)) == .written)
        try FileManager.default.removeItem(atPath: self.path)
        #expect(log.append(self.record(2)) == .written)
        try self.folder.write([], to: "new")
        try FileManager.default.removeItem(atPath: self.path)
        try FileManager.default.moveItem(atPath: self.folder.path("new"), toPath: self.path)
        try log.reopen()
        #expect(log.append(self.record(3)) == .written)
        #expect(try self.folder.lines(of: "events.jsonl.1") == [self.record(0).jsonLine])
        #expect(try self.folder.lines(of: "events.jsonl") == [self.record(3).jsonLine])
    }

    // MARK: Repair

    @Test("repairs a last line that was torn at any byte, and loses no other")
    func tornLine() throws {
        let whole = self.record(1).jsonLine + "\n"
        let torn = Record.run(
            RunRecord(
                version: "0.1.0", model: "m", checksum: "", labels: ["a \"}\" b\\", "{}"], background: ["ö\u{1f44b}"],
                span: 1, rate: 1, frames: 8, mode: "exact", precision: "f32", time: .distantPast)
        ).jsonLine
        for before in ["", whole, whole + whole] {
            for length in 0...torn.utf8.count {
                try self.folder.write(
                    Array((before + torn).utf8.prefix(before.utf8.count + length)), to: "events.jsonl")
                var log = try EventLog(path: self.path)
                #expect(log.append(self.record(2)) == .written)
                // A record of which only the line end is missing is whole.
                let kept = length == torn.utf8.count ? torn + "\n" : ""
                #expect(
                    try self.folder.text(of: "events.jsonl") == before + kept + self.record(2).jsonLine + "\n",
                    "\(length)")
            }
        }
    }

    @Test("cuts off a torn line that is longer than a block, and zeros that a crashed file system leaves")
    func longTornLine() throws {
        let whole = self.record(1).jsonLine + "\n"
        let tails = [
            #"{"type":""# + String(repeating: "x", count: 20_000), String(repeating: "\0", count: 9000),
            #"{"type":"end"# + String(repeating: "\0", count: 5000),
        ]
        for tail in tails {
            try self.folder.write((whole + tail).utf8, to: "events.jsonl")
            _ = try EventLog(path: self.path)
            #expect(try self.folder.text(of: "events.jsonl") == whole)
        }
    }

    @Test(
        "refuses a file that is no log instead of cutting it", arguments: ["my notes", "one\ntwo", "\u{7f}ELF\n\u{1}"])
    func foreignFile(text: String) throws {
        try self.folder.write(text.utf8, to: "events.jsonl")
        let path = self.path
        let error = #expect(throws: LogError.self) { _ = try EventLog(path: path) }
        #expect(error?.code == .cannotOpen)
        #expect(error?.description.hasPrefix("\(path): is not an event log") == true)
        #expect(try self.folder.text(of: "events.jsonl") == text)
    }

    // MARK: Failure

    @Test("names the path and the cause when it can't be opened")
    func cannotOpen() throws {
        for (path, cause) in [
            (self.folder.path, "Is a directory"), (self.folder.path("no/such/folder"), "No such file or directory"),
        ] {
            let error = #expect(throws: LogError.self) { _ = try EventLog(path: path) }
            #expect(error?.code == .cannotOpen)
            #expect(error?.description.hasPrefix("\(path): cannot open the log") == true)
            #expect(error?.description.hasSuffix("(\(cause))") == true)
        }
    }

    @Test("tells a full disk once, goes on, and tells how many were lost when there is room again")
    func fullDisk() throws {
        try FileManager.default.createSymbolicLink(atPath: self.path, withDestinationPath: "/dev/full")
        var log = try EventLog(path: self.path)
        #expect(log.append(self.record(0)) == .failed("\(self.path): cannot write the log (No space left on device)"))
        #expect(log.append(self.label()) == .written)
        #expect(log.append(self.record(1)) == .stillFailing)
        #expect(log.append(self.record(2)) == .stillFailing)
        try FileManager.default.removeItem(atPath: self.path)
        #expect(log.append(self.record(3)) == .recovered(lost: 3))
        #expect(log.append(self.record(4)) == .written)
        #expect(try self.folder.lines(of: "events.jsonl") == [3, 4].map { self.record($0).jsonLine })
    }

    @Test("leaves nothing of a line in the file for which there was no room")
    func partOfALine() throws {
        // The limit is far above what any other test writes at the same time.
        let limit = 1 << 30
        try self.folder.write([], to: "events.jsonl")
        let size = limit - 10
        #expect(unsafe truncate(self.path, off_t(size - 1)) == 0)
        let handle = try #require(FileHandle(forWritingAtPath: self.path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("\n".utf8))
        try handle.close()

        var log = try EventLog(path: self.path)
        signal(SIGXFSZ, SIG_IGN)
        let fileSize = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        var usual = rlimit()
        unsafe getrlimit(fileSize, &usual)
        var low = rlimit(rlim_cur: rlim_t(limit), rlim_max: usual.rlim_max)
        unsafe setrlimit(fileSize, &low)
        let outcome = log.append(self.record(0))
        unsafe setrlimit(fileSize, &usual)

        #expect(outcome == .failed("\(self.path): cannot write the log (File too large)"))
        #expect(try FileManager.default.attributesOfItem(atPath: self.path)[.size] as? Int == size)
        #expect(log.append(self.record(1)) == .recovered(lost: 1))
    }

    @Test("writes to what is no regular file as well")
    func devicesAndPipes() throws {
        var null = try EventLog(path: "/dev/null")
        #expect(null.append(self.record(0)) == .written)
        null.synchronize()

        #expect(unsafe mkfifo(self.path, 0o600) == 0)
        var log = try EventLog(path: self.path)
        #expect(log.append(self.record(0)) == .written)
        let reader = unsafe open(self.path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = unsafe read(reader, &bytes, bytes.count)
        #expect(String(decoding: bytes[..<max(0, count)], as: UTF8.self) == self.record(0).jsonLine + "\n")
    }

    @Test("gives up on a pipe that nobody reads instead of holding up the program", .timeLimit(.minutes(1)))
    func fullPipe() throws {
        #expect(unsafe mkfifo(self.path, 0o600) == 0)
        var log = try EventLog(path: self.path)
        let long = self.record(0, source: String(repeating: "x", count: 60_000))
        #expect(log.append(long) == .written)
        #expect(log.append(long) == .failed("\(self.path): cannot write the log (nobody reads it)"))
    }
}
