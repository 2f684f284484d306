import Foundation
import GerundCore
import GerundEvents
import GerundRecords
import GerundTesting
import Glibc
import Testing

@Suite("EventLog")
struct EventLogTests {
    private let directory: TemporaryDirectory
    private var path: String { self.directory.path("events.jsonl") }

    init() throws {
        self.directory = try TemporaryDirectory()
    }

    private func record(_ number: Int, source: String = "door") -> Record {
        .summary(
            SummaryRecord(
                source: SourceID(source), framesRead: number, windows: 0, framesDropped: 0, time: .distantPast))
    }

    private func label() -> Record {
        .label(
            LabelRecord(
                source: SourceID("door"), mediaTime: .zero, time: .distantPast, label: "walking", score: 1, top: [],
                mode: "exact", latency: .zero))
    }

    // MARK: Appending

    @Test("Appends a line for every record except the labels of single windows")
    func appends() throws {
        for run in 0..<3 {
            var log = try EventLog(path: self.path)
            #expect(log.append(self.record(run)) == .written)
            #expect(log.append(self.label()) == .written)
        }
        #expect(try self.directory.lines(of: "events.jsonl") == (0..<3).map { self.record($0).jsonLine })
    }

    @Test("Keeps lines whole when several logs append to one file at the same time")
    func concurrentAppends() async throws {
        let path = self.path
        let long = String(repeating: "x", count: 5000)
        try await withThrowingTaskGroup { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<100 {
                        // Opened again each time: a repair must not cut what another is writing.
                        var log = try EventLog(path: path)
                        let outcome = log.append(
                            .summary(
                                SummaryRecord(
                                    source: SourceID("\(writer)\(long)"), framesRead: number, windows: 0,
                                    framesDropped: 0, time: .distantPast))
                        )
                        #expect(outcome == .written)
                    }
                }
            }
            try await group.waitForAll()
        }
        let lines = try self.directory.lines(of: "events.jsonl")
        #expect(lines.count == 400)
        for line in lines {
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        }
        #expect(Set(lines).count == 400)
    }

    @Test("Continues at its path after the file was renamed, removed or replaced")
    func rotation() throws {
        var log = try EventLog(path: self.path)
        #expect(log.append(self.record(0)) == .written)
        try FileManager.default.moveItem(atPath: self.path, toPath: self.path + ".1")
        #expect(log.append(self.record(1)) == .written)
        try FileManager.default.removeItem(atPath: self.path)
        #expect(log.append(self.record(2)) == .written)
        try self.directory.write([], to: "new")
        try FileManager.default.removeItem(atPath: self.path)
        try FileManager.default.moveItem(atPath: self.directory.path("new"), toPath: self.path)
        try log.reopen()
        #expect(log.append(self.record(3)) == .written)
        #expect(try self.directory.lines(of: "events.jsonl.1") == [self.record(0).jsonLine])
        #expect(try self.directory.lines(of: "events.jsonl") == [self.record(3).jsonLine])
    }

    // MARK: Repair

    @Test("Repairs a last line that was torn at any byte, and loses no other")
    func tornLine() throws {
        let whole = self.record(1).jsonLine + "\n"
        let torn = Record.run(
            RunRecord(
                run: "", version: "0.1.0", model: "m", modelSHA256: "", labels: ["a \"}\" b\\", "{}"],
                background: ["ö\u{1f44b}"],
                window: .seconds(1), windowsPerSecond: 1, framesPerWindow: 8, mode: "exact", precision: "f32",
                time: .distantPast)
        ).jsonLine
        for before in ["", whole, whole + whole] {
            for length in 0...torn.utf8.count {
                try self.directory.write(
                    Array((before + torn).utf8.prefix(before.utf8.count + length)), to: "events.jsonl")
                var log = try EventLog(path: self.path)
                #expect(log.append(self.record(2)) == .written)
                // A record of which only the line end is missing is whole.
                let kept = length == torn.utf8.count ? torn + "\n" : ""
                #expect(
                    try self.directory.text(of: "events.jsonl") == before + kept + self.record(2).jsonLine + "\n",
                    "\(length)")
            }
        }
    }

    @Test("Removes a torn line that is longer than a block, and zeros that a crashed file system leaves")
    func longTornLine() throws {
        let whole = self.record(1).jsonLine + "\n"
        let tails = [
            #"{"type":"source","source":""# + String(repeating: "x", count: 20_000),
            String(repeating: "\0", count: 9000),
            #"{"type":"summary"# + String(repeating: "\0", count: 5000),
        ]
        for tail in tails {
            try self.directory.write((whole + tail).utf8, to: "events.jsonl")
            _ = try EventLog(path: self.path)
            #expect(try self.directory.text(of: "events.jsonl") == whole)
        }
    }

    @Test("Removes zeros from a log whose first record never reached the disk")
    func zeros() throws {
        for text in [
            String(repeating: "\0", count: 4096), #"{"type":"ru"# + String(repeating: "\0", count: 500), "{\0\0",
        ] {
            try self.directory.write(text.utf8, to: "events.jsonl")
            var log = try EventLog(path: self.path)
            #expect(log.append(self.record(1)) == .written)
            #expect(try self.directory.text(of: "events.jsonl") == self.record(1).jsonLine + "\n")
        }
    }

    @Test("Continues a log that begins with a record of any type")
    func firstRecords() throws {
        let now = #""time":"2026-11-23T18:20:12.250Z""#
        let lines = [
            #"{"type":"event","phase":"started","id":"01KARCBM1AZZZZZZZZZZZZZZZZ","source":"door","label":"x","#
                + #""start_s":1.000,"start_time":"2026-11-23T18:20:10.250Z","score":0.500,\#(now)}"#,
            #"{"type":"source","source":"door","state":"ended",\#(now)}"#,
            #"{"type":"frames_dropped","source":"door","count":3,"first_media_time":7.500,"#
                + #""first_time":"2026-11-23T18:20:10.750Z",\#(now)}"#,
            #"{"type":"audit","source":"door","media_time":1.000,"windows":2,"top1_changes":0,"#
                + #""max_score_error":0.1235,"score_error_bound":null,"confidence":0.95,"sample_size":2,\#(now)}"#,
            self.label().jsonLine, self.record(1).jsonLine,
        ]
        for line in lines {
            // Written by the encoder, so that the test follows the records.
            let first = try Record(jsonLine: line).jsonLine
            try self.directory.write((first + "\n").utf8, to: "events.jsonl")
            var log = try EventLog(path: self.path)
            #expect(log.append(self.record(2)) == .written)
            #expect(try self.directory.lines(of: "events.jsonl") == [first, self.record(2).jsonLine])
        }
    }

    // MARK: Files that are not logs

    private func expectNotALog(
        _ bytes: some Sequence<UInt8>, _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = try self.directory.write(bytes, to: "events.jsonl")
        let error = #expect(throws: LogError.self, comment, sourceLocation: sourceLocation) {
            _ = try EventLog(path: path)
        }
        #expect(error?.code == .notALog, comment, sourceLocation: sourceLocation)
        #expect(
            error?.summary == "\(path): is not an event log: choose another file", comment,
            sourceLocation: sourceLocation)
        #expect(
            try self.directory.bytes(of: "events.jsonl") == Array(bytes), comment, sourceLocation: sourceLocation)
    }

    @Test(
        "Refuses a file that is not a log and leaves it unchanged",
        arguments: [
            "my notes", "one\ntwo", "\u{7f}ELF\n\u{1}", "{\"a\":1}\n", "\n", "[1]", "walking\nrunning\n",
            "model: demo\nlog: events.jsonl\n", "{\"type\": \"run\"}\n", "\0\0x",
            "{\"type\":\"run\"}\nnotes without a line end",
            // JSON of other programs: GeoJSON, a package file, another log.
            "{\"type\":\"FeatureCollection\",\"features\":[]}\n", "{\"type\":\"FeatureCollection\",\"features\":[]}",
            "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Fea", "{\"type\":\"module\",\"main\":\"x.js\"}",
            "{\"type\":\"event\",\"level\":\"info\"}\n{\"type\":\"event\",\"lev",
            "{\"type\":\"runner\",\"schema\":1}\n",
        ])
    func foreignFile(text: String) throws {
        try self.expectNotALog(text.utf8, "\(text)")
    }

    /// An MP4 file begins with a length, and what follows its last line feed byte often begins with zeros.
    @Test("Refuses a recording, wherever it ends, and leaves it unchanged")
    func recording() throws {
        let sample =
            #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Samples/everyday-actions.mp4"
        let bytes = Array(try Data(contentsOf: URL(filePath: "/" + sample)))
        #expect(bytes[4..<8].elementsEqual("ftyp".utf8))
        try self.expectNotALog(bytes, "the whole file")
        var random = SplitMix64(seed: 1)
        for _ in 0..<40 {
            let count = Int.random(in: 1..<40_000, using: &random)
            // Ends with zeros after a line feed: what was once taken for the zeros of a crashed file system.
            let tail = [UInt8(ascii: "\n")] + [UInt8](repeating: 0, count: Int.random(in: 1...64, using: &random))
            try self.expectNotALog(bytes[..<count], "\(count) bytes")
            try self.expectNotALog(bytes[..<count] + tail, "\(count) bytes and zeros")
        }
        try self.expectNotALog(bytes[..<24] + [UInt8](repeating: 0, count: 100), "the beginning and zeros")
    }

    @Test(
        "Does not touch the tail of a log that is not part of a record", arguments: ["\0\0moov", "\0moov\0", "moov\0"])
    func foreignTail(tail: String) throws {
        try self.expectNotALog((self.record(1).jsonLine + "\n" + tail).utf8, "\(tail)")
    }

    @Test("Refuses a file that is a source, a label file or a configuration file, whatever its name is")
    func protectedFiles() throws {
        let whole = self.record(1).jsonLine + "\n"
        let source = try self.directory.write(whole.utf8, to: "cam1.mp4")
        let link = self.directory.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: source)
        let hardLink = self.directory.path("hard-link")
        try FileManager.default.linkItem(atPath: source, toPath: hardLink)
        let protected = [
            EventLog.ProtectedFile(path: self.directory.path("missing"), role: "a label file"),
            EventLog.ProtectedFile(path: source, role: "a source"),
        ]
        for path in [source, link, hardLink, "\(self.directory.path)/./cam1.mp4"] {
            let error = #expect(throws: LogError.self) { _ = try EventLog(path: path, protecting: protected) }
            #expect(error?.code == .inUse)
            #expect(error?.summary == "\(path): is a source, not an event log: choose another file")
            #expect(try self.directory.text(of: "cam1.mp4") == whole)
        }
        var log = try EventLog(path: self.path, protecting: protected)
        #expect(log.append(self.record(2)) == .written)
        // Replaced by the source while running: the next record must not go there.
        try FileManager.default.removeItem(atPath: self.path)
        try FileManager.default.createSymbolicLink(atPath: self.path, withDestinationPath: source)
        #expect(
            log.append(self.record(3)) == .failed("\(self.path): is a source, not an event log: choose another file"))
        #expect(try self.directory.text(of: "cam1.mp4") == whole)
    }

    @Test("Refuses an empty path and -, and makes no file", arguments: ["", "-"])
    func invalidPath(path: String) {
        let error = #expect(throws: LogError.self) { _ = try EventLog(path: path) }
        #expect(error?.code == .invalidPath)
        #expect(!FileManager.default.fileExists(atPath: "-"))
        #expect(error?.summary.hasPrefix(":") == false)
    }

    // MARK: Failure

    @Test("Reports the path and the cause if it can't be opened")
    func cannotOpen() throws {
        for (path, cause) in [
            (self.directory.path, "Is a directory"),
            (self.directory.path("no/such/directory"), "No such file or directory"),
        ] {
            let error = #expect(throws: LogError.self) { _ = try EventLog(path: path) }
            #expect(error?.code == .cannotOpen)
            #expect(error?.summary.hasPrefix("\(path): cannot open the log") == true)
            #expect(error?.summary.hasSuffix("(\(cause))") == true)
        }
    }

    @Test("Reports a full disk once, and the number of lost records when there is space again")
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
        #expect(try self.directory.lines(of: "events.jsonl") == [3, 4].map { self.record($0).jsonLine })
    }

    /// In a process of its own, because the limit on the size of files holds for the whole process.
    @Test("Leaves no part of a line in the file if there was no space for it")
    func partOfALine() async throws {
        let path: String = self.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            let limit = 4096
            let record = Record.source(SourceRecord(source: SourceID("door"), state: .ended, time: .distantPast))
            var log = try EventLog(path: path)
            signal(SIGXFSZ, SIG_IGN)
            var limits = rlimit()
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
            let usual = limits.rlim_cur
            limits.rlim_cur = rlim_t(limit)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
            var count = 0
            while log.append(record) == .written { count += 1 }
            let line = record.jsonLine + "\n"
            #expect(count == limit / line.utf8.count && limit % line.utf8.count != 0)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == String(repeating: line, count: count))
            limits.rlim_cur = usual
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
            #expect(log.append(record) == .recovered(lost: 1))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == String(repeating: line, count: count + 1))
        }
    }

    @Test("Writes to devices and pipes too")
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

    @Test("Fails on a pipe without a reader instead of blocking", .timeLimit(.minutes(10)))
    func fullPipe() throws {
        #expect(unsafe mkfifo(self.path, 0o600) == 0)
        var log = try EventLog(path: self.path)
        let long = self.record(0, source: String(repeating: "x", count: 60_000))
        #expect(log.append(long) == .written)
        #expect(log.append(long) == .failed("\(self.path): cannot write the log (no reader)"))
    }
}
