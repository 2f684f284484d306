import Foundation
import GerundCore
import Glibc
import Testing

@testable import GerundEvents

@Suite("A log that is rotated")
struct LogRotationTests {
    private let folder: TemporaryFolder
    private var path: String { self.folder.path("events.jsonl") }

    init() throws {
        self.folder = try TemporaryFolder()
    }

    private func record(_ number: Int) -> Record {
        .end(EndRecord(source: SourceID("door"), frames: number, windows: 0, dropped: 0))
    }

    private func lines(_ numbers: some Sequence<Int>) -> [String] { numbers.map { self.record($0).jsonLine } }

    /// Lines with three digits are all as long as this, line end included.
    private var lineLength: Int { self.record(100).jsonLine.utf8.count + 1 }

    private func rotation(lines: Int, keep: Int) -> LogRotation {
        LogRotation(maximumSize: lines * self.lineLength, keep: keep)
    }

    private func text(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.folder.path).sorted()
    }

    @Test("is moved away between whole lines when the next would be too much, and the oldest goes")
    func rotates() throws {
        var log = try EventLog(path: self.path, rotation: self.rotation(lines: 3, keep: 2))
        for number in 100..<111 { #expect(log.append(self.record(number)) == .written) }
        #expect(try self.files() == ["events.jsonl", "events.jsonl.1", "events.jsonl.2"])
        #expect(try self.folder.lines(of: "events.jsonl") == self.lines(109...110))
        #expect(try self.folder.lines(of: "events.jsonl.1") == self.lines(106...108))
        #expect(try self.folder.lines(of: "events.jsonl.2") == self.lines(103...105))
    }

    @Test("counts what an earlier run has left, and gives a line that is larger than a file one of its own")
    func restart() throws {
        let rotation = self.rotation(lines: 2, keep: 5)
        for number in 100..<104 {
            var log = try EventLog(path: self.path, rotation: rotation)
            #expect(log.append(self.record(number)) == .written)
        }
        let long = Record.end(
            EndRecord(source: SourceID(String(repeating: "x", count: 1000)), frames: 1, windows: 0, dropped: 0))
        var log = try EventLog(path: self.path, rotation: rotation)
        #expect(log.append(long) == .written)
        #expect(log.append(self.record(105)) == .written)
        #expect(try self.folder.lines(of: "events.jsonl.3") == self.lines(100...101))
        #expect(try self.folder.lines(of: "events.jsonl.2") == self.lines(102...103))
        #expect(try self.folder.lines(of: "events.jsonl.1") == [long.jsonLine])
        #expect(try self.folder.lines(of: "events.jsonl") == self.lines(105...105))
    }

    @Test("loses nothing when the program is killed between any two renames")
    func crash() throws {
        let rotation = self.rotation(lines: 1, keep: 4)
        func name(_ number: Int) -> String { "events.jsonl" + (number == 0 ? "" : ".\(number)") }
        for oldCount in 0...3 {
            let moves = rotation.moves { $0 <= oldCount }
            for done in 0...moves.count {
                for file in try self.files() { try FileManager.default.removeItem(atPath: self.folder.path(file)) }
                for number in 0...oldCount {
                    try self.folder.write(self.text(self.lines([200 - number])).utf8, to: name(number))
                }
                for move in moves.prefix(done) {
                    let (from, to) = (self.folder.path(name(move.from)), self.folder.path(name(move.to)))
                    #expect(unsafe rename(from, to) == 0)
                }
                // The next run.
                var log = try EventLog(path: self.path, rotation: rotation)
                #expect(log.append(self.record(201)) == .written)
                let found = try self.files().flatMap { try self.folder.lines(of: $0) }
                #expect(found.sorted() == self.lines((200 - oldCount)...201), "\(oldCount) old, \(done) renames")
                #expect(try self.folder.lines(of: "events.jsonl") == self.lines([201]))
            }
        }
    }

    @Test("keeps every line whole and once when several programs rotate one file")
    func concurrent() async throws {
        let (path, rotation) = (self.path, LogRotation(maximumSize: 4096, keep: 1000))
        try await withThrowingTaskGroup { group in
            for writer in 0..<4 {
                group.addTask {
                    var log = try EventLog(path: path, rotation: rotation)
                    for number in 0..<200 {
                        let record = Record.end(
                            EndRecord(source: SourceID("\(writer)"), frames: number, windows: 0, dropped: 0))
                        #expect(log.append(record) == .written)
                    }
                }
            }
            try await group.waitForAll()
        }
        let found = try self.files().flatMap { try self.folder.lines(of: $0) }
        #expect(found.count == 800)
        #expect(Set(found).count == 800)
        #expect(try self.files().count > 5)
    }

    @Test("stands beside the file that a link leads to, and leaves the link")
    func link() throws {
        try FileManager.default.createDirectory(atPath: self.folder.path("disk"), withIntermediateDirectories: true)
        let target = self.folder.path("disk/real.jsonl")
        try FileManager.default.createSymbolicLink(atPath: self.path, withDestinationPath: target)
        var log = try EventLog(path: self.path, rotation: self.rotation(lines: 1, keep: 2))
        for number in 100..<103 { #expect(log.append(self.record(number)) == .written) }
        #expect(try self.folder.lines(of: "disk/real.jsonl.2") == self.lines([100]))
        #expect(try self.folder.lines(of: "events.jsonl") == self.lines([102]))
    }

    @Test("grows on and says so once when it can't be renamed, and rotates when it can")
    func cannotRename() throws {
        // A folder in the way, which no file can replace.
        let obstacle = self.folder.path("events.jsonl.1/full")
        try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: true)
        var log = try EventLog(path: self.path, rotation: self.rotation(lines: 2, keep: 1))
        #expect(log.append(self.record(100)) == .written)
        #expect(log.append(self.record(101)) == .written)
        guard case .writtenUnrotated(let message) = log.append(self.record(102)) else {
            Issue.record("nothing was said")
            return
        }
        #expect(message.hasPrefix("\(self.path): cannot rename the full log to \(self.path).1"))
        #expect(message.hasSuffix("(Is a directory)"))
        #expect(log.append(self.record(103)) == .written)
        #expect(try self.folder.lines(of: "events.jsonl") == self.lines(100...103))
        try FileManager.default.removeItem(atPath: self.folder.path("events.jsonl.1"))
        #expect(log.append(self.record(104)) == .written)
        #expect(try self.folder.lines(of: "events.jsonl.1") == self.lines(100...103))
        #expect(try self.folder.lines(of: "events.jsonl") == self.lines([104]))
    }

    @Test("is left alone where there is nothing to move: devices and pipes")
    func devices() throws {
        var log = try EventLog(path: "/dev/null", rotation: LogRotation(maximumSize: 1))
        for number in 100..<105 { #expect(log.append(self.record(number)) == .written) }
    }

    @Test(
        "on a full disk is told of once, and goes on when there is room again",
        .enabled(if: SmallDisk.isAvailable, "mounting a small file system needs root and its capabilities"))
    func fullDisk() throws {
        let disk = try SmallDisk(at: self.folder.path("disk"), kilobytes: 64)
        var log = try EventLog(path: disk.path + "/events.jsonl", rotation: LogRotation(maximumSize: 8192, keep: 1000))
        var outcomes: [EventLog.Outcome] = []
        for number in 100..<1999 { outcomes.append(log.append(self.record(number))) }
        let written = outcomes.prefix { $0 == .written }.count
        #expect(written > 500)
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

    @Test("understands sizes as users write them")
    func sizes() {
        #expect(LogRotation.size("10M") == 10 << 20)
        #expect(LogRotation.size("512k") == 512 << 10)
        #expect(LogRotation.size("512K") == 512 << 10)
        #expect(LogRotation.size("1g") == 1 << 30)
        #expect(LogRotation.size("65536") == 65536)
        for text in [
            "", "M", "10", "4095", "0M", "-1M", "+10M", "1.5G", "10MB", "10 M", "99999999999999999999", "9999999999G",
        ] {
            #expect(LogRotation.size(text) == nil, "\(text)")
        }
    }
}

/// A file system of its own in memory, gone with the value.
private final class SmallDisk {
    private struct Failure: Error {}
    let path: String

    /// Whether this user may mount one; tried once.
    static let isAvailable: Bool = {
        guard geteuid() == 0, let folder = try? TemporaryFolder() else { return false }
        return (try? SmallDisk(at: folder.path("probe"), kilobytes: 4)) != nil
    }()

    init(at path: String, kilobytes: Int) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard unsafe mount("none", path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else { throw Failure() }
    }

    deinit { unsafe umount2(self.path, CInt(MNT_DETACH)) }
}
