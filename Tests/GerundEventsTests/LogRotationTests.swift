import Foundation
import GerundCore
import GerundRecords
import GerundTesting
import Glibc
import Testing

@testable import GerundEvents

@Suite("LogRotation")
struct LogRotationTests {
    private let directory: TemporaryDirectory
    private var path: String { self.directory.path("events.jsonl") }

    init() throws {
        self.directory = try TemporaryDirectory()
    }

    private func record(_ number: Int) -> Record {
        .summary(
            SummaryRecord(
                source: SourceID("door"), framesRead: number, windows: 0, framesDropped: 0, time: .distantPast))
    }

    private func lines(_ numbers: some Sequence<Int>) -> [String] { numbers.map { self.record($0).jsonLine } }

    /// Lines with three digits are all as long as this, line end included.
    private var lineLength: Int { self.record(100).jsonLine.utf8.count + 1 }

    private func rotation(lines: Int, keep: Int) -> LogRotation {
        LogRotation(maximumSize: lines * self.lineLength, maximumFileCount: keep)
    }

    private func text(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.directory.path).sorted()
    }

    @Test("Rotates between whole lines before the maximum size is exceeded, and removes the oldest file")
    func rotates() throws {
        var log = try EventLog(path: self.path, rotation: self.rotation(lines: 3, keep: 2))
        for number in 100..<111 { #expect(log.append(self.record(number)) == .written) }
        #expect(try self.files() == ["events.jsonl", "events.jsonl.1", "events.jsonl.2"])
        #expect(try self.directory.lines(of: "events.jsonl") == self.lines(109...110))
        #expect(try self.directory.lines(of: "events.jsonl.1") == self.lines(106...108))
        #expect(try self.directory.lines(of: "events.jsonl.2") == self.lines(103...105))
    }

    @Test("Counts the contents of an earlier run, and gives a line above the maximum size a file of its own")
    func restart() throws {
        let rotation = self.rotation(lines: 2, keep: 5)
        for number in 100..<104 {
            var log = try EventLog(path: self.path, rotation: rotation)
            #expect(log.append(self.record(number)) == .written)
        }
        let long = Record.summary(
            SummaryRecord(
                source: SourceID(String(repeating: "x", count: 1000)), framesRead: 1, windows: 0, framesDropped: 0,
                time: .distantPast))
        var log = try EventLog(path: self.path, rotation: rotation)
        #expect(log.append(long) == .written)
        #expect(log.append(self.record(105)) == .written)
        #expect(try self.directory.lines(of: "events.jsonl.3") == self.lines(100...101))
        #expect(try self.directory.lines(of: "events.jsonl.2") == self.lines(102...103))
        #expect(try self.directory.lines(of: "events.jsonl.1") == [long.jsonLine])
        #expect(try self.directory.lines(of: "events.jsonl") == self.lines(105...105))
    }

    @Test("Doesn't rotate an empty log for a line above the maximum size")
    func longFirstLine() throws {
        let long = Record.summary(
            SummaryRecord(
                source: SourceID(String(repeating: "x", count: 1000)), framesRead: 1, windows: 0, framesDropped: 0,
                time: .distantPast))
        var log = try EventLog(path: self.path, rotation: self.rotation(lines: 2, keep: 5))
        #expect(log.append(long) == .written)
        #expect(try self.files() == ["events.jsonl"])
    }

    @Test("Loses nothing if the program is killed between any two renames")
    func crash() throws {
        let rotation = self.rotation(lines: 1, keep: 4)
        func name(_ number: Int) -> String { "events.jsonl" + (number == 0 ? "" : ".\(number)") }
        for oldCount in 0...3 {
            let moves = rotation.renames { $0 <= oldCount }
            for done in 0...moves.count {
                for file in try self.files() { try FileManager.default.removeItem(atPath: self.directory.path(file)) }
                for number in 0...oldCount {
                    try self.directory.write(self.text(self.lines([200 - number])).utf8, to: name(number))
                }
                for move in moves.prefix(done) {
                    let (from, to) = (self.directory.path(name(move.from)), self.directory.path(name(move.to)))
                    #expect(unsafe rename(from, to) == 0)
                }
                // The next run.
                var log = try EventLog(path: self.path, rotation: rotation)
                #expect(log.append(self.record(201)) == .written)
                let found = try self.files().flatMap { try self.directory.lines(of: $0) }
                #expect(found.sorted() == self.lines((200 - oldCount)...201), "\(oldCount) old, \(done) renames")
                #expect(try self.directory.lines(of: "events.jsonl") == self.lines([201]))
            }
        }
    }

    @Test("Keeps every line whole and once if several programs rotate one file")
    func concurrent() async throws {
        let (path, rotation) = (self.path, LogRotation(maximumSize: 4096, maximumFileCount: 1000))
        try await withThrowingTaskGroup { group in
            for writer in 0..<4 {
                group.addTask {
                    var log = try EventLog(path: path, rotation: rotation)
                    for number in 0..<200 {
                        let record = Record.summary(
                            SummaryRecord(
                                source: SourceID("\(writer)"), framesRead: number, windows: 0, framesDropped: 0,
                                time: .distantPast))
                        #expect(log.append(record) == .written)
                    }
                }
            }
            try await group.waitForAll()
        }
        let found = try self.files().flatMap { try self.directory.lines(of: $0) }
        #expect(found.count == 800)
        #expect(Set(found).count == 800)
        #expect(try self.files().count > 5)
    }

    @Test("Keeps old files next to the target of a symbolic link, and keeps the link")
    func link() throws {
        try self.directory.makeDirectory("disk")
        let target = self.directory.path("disk/real.jsonl")
        try FileManager.default.createSymbolicLink(atPath: self.path, withDestinationPath: target)
        var log = try EventLog(path: self.path, rotation: self.rotation(lines: 1, keep: 2))
        for number in 100..<103 { #expect(log.append(self.record(number)) == .written) }
        #expect(try self.directory.lines(of: "disk/real.jsonl.2") == self.lines([100]))
        #expect(try self.directory.lines(of: "events.jsonl") == self.lines([102]))
    }

    @Test("Keeps growing and reports it once if the file can't be renamed, and rotates once it can")
    func cannotRename() throws {
        // A directory in the way, which no file can replace.
        let obstacle = self.directory.path("events.jsonl.1/full")
        try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: true)
        var log = try EventLog(path: self.path, rotation: self.rotation(lines: 2, keep: 1))
        #expect(log.append(self.record(100)) == .written)
        #expect(log.append(self.record(101)) == .written)
        guard case .writtenUnrotated(let message) = log.append(self.record(102)) else {
            Issue.record("nothing was reported")
            return
        }
        #expect(message.hasPrefix("\(self.path): cannot rename the full log to \(self.path).1"))
        #expect(message.hasSuffix("(Is a directory)"))
        #expect(log.append(self.record(103)) == .written)
        #expect(try self.directory.lines(of: "events.jsonl") == self.lines(100...103))
        try FileManager.default.removeItem(atPath: self.directory.path("events.jsonl.1"))
        #expect(log.append(self.record(104)) == .written)
        #expect(try self.directory.lines(of: "events.jsonl.1") == self.lines(100...103))
        #expect(try self.directory.lines(of: "events.jsonl") == self.lines([104]))
    }

    @Test("Does not rotate devices and pipes")
    func devices() throws {
        var log = try EventLog(path: "/dev/null", rotation: LogRotation(maximumSize: 1))
        for number in 100..<105 { #expect(log.append(self.record(number)) == .written) }
    }

    @Test(
        "Reports a full disk once, and continues when there is space again",
        .enabled(if: SmallDisk.isAvailable, "mounting a small file system needs root and its capabilities"))
    func fullDisk() throws {
        let disk = try SmallDisk(at: self.directory.path("disk"), kilobytes: 64)
        var log = try EventLog(
            path: disk.path + "/events.jsonl", rotation: LogRotation(maximumSize: 8192, maximumFileCount: 1000))
        var outcomes: [EventLog.AppendResult] = []
        for number in 100..<1999 { outcomes.append(log.append(self.record(number))) }
        let written = outcomes.prefix { $0 == .written }.count
        #expect(written > 48 * 1024 / self.lineLength)
        #expect(outcomes.count { if case .failed = $0 { true } else { false } } == 1)
        #expect(outcomes[(written + 1)...].allSatisfy { $0 == .stillFailing })
        try FileManager.default.removeItem(atPath: disk.path + "/events.jsonl.1")
        #expect(log.append(self.record(1999)) == .recovered(lost: 1899 - written))
        for file in try FileManager.default.contentsOfDirectory(atPath: disk.path) {
            let text = try String(contentsOfFile: disk.path + "/" + file, encoding: .utf8)
            #expect(text.hasSuffix("}\n"))
            for line in text.split(separator: "\n") {
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
            }
        }
    }

    @Test("Parses sizes as users write them")
    func sizes() {
        #expect(LogRotation.parseSize("10M") == 10 << 20)
        #expect(LogRotation.parseSize("512k") == 512 << 10)
        #expect(LogRotation.parseSize("512K") == 512 << 10)
        #expect(LogRotation.parseSize("1g") == 1 << 30)
        #expect(LogRotation.parseSize("65536") == 65536)
        for text in [
            "", "M", "10", "4095", "0M", "-1M", "+10M", "1.5G", "10MB", "10 M", "99999999999999999999", "9999999999G",
        ] {
            #expect(LogRotation.parseSize(text) == nil, "\(text)")
        }
    }
}

/// A file system of its own in memory, gone with the value.
private final class SmallDisk {
    private struct Failure: Error {}
    let path: String

    /// A Boolean value that indicates whether this user may mount one; determined once.
    static let isAvailable: Bool = {
        guard geteuid() == 0, let directory = try? TemporaryDirectory() else { return false }
        return (try? SmallDisk(at: directory.path("probe"), kilobytes: 4)) != nil
    }()

    init(at path: String, kilobytes: Int) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard unsafe mount("none", path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else { throw Failure() }
    }

    deinit { unsafe umount2(self.path, CInt(MNT_DETACH)) }
}
