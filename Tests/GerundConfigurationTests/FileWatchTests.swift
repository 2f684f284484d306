import Foundation
import GerundConfiguration
import Testing

@Suite("Watching files for edits")
struct FileWatchTests {
    private func looks(_ stamps: [Int?]) -> [Bool] {
        var watch = FileWatch(read: [1, 7])
        return stamps.map { watch.looked([$0, 7]) }
    }

    @Test("does nothing while they stay as they were read")
    func still() {
        #expect(self.looks([1, 1, 1]) == [false, false, false])
    }

    @Test("reads them once, when they have stood still from one look to the next")
    func edited() {
        #expect(self.looks([2, 2, 2, 2]) == [false, true, false, false])
        #expect(self.looks([2, 3, 4, 4, 4]) == [false, false, false, true, false])
        #expect(self.looks([2, 2, 3, 3]) == [false, true, false, true])
    }

    @Test("does nothing when an edit was taken back before it was read")
    func undone() {
        #expect(self.looks([2, 1, 1]) == [false, false, false])
    }

    @Test("waits for one that is gone to come back")
    func gone() {
        #expect(self.looks([nil, nil, nil]) == [false, false, false])
        #expect(self.looks([nil, nil, 1, 1]) == [false, false, false, false])
        #expect(self.looks([nil, 2, 2]) == [false, false, true])
    }

    @Test("doesn't wait for one that can't be read twice")
    func pipe() {
        var watch = FileWatch<Int>(read: [1, nil])
        let looks = [watch.looked([2, nil]), watch.looked([2, nil])]
        #expect(looks == [false, true])
    }

    @Test("tells files apart that were written anew, replaced, or are no files")
    func stamps() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/gerund-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/labels.txt"
        #expect(FileStamp(path: path) == nil && FileStamp(path: folder) == nil && FileStamp(path: "/dev/null") == nil)
        try "running\n".write(toFile: path, atomically: false, encoding: .utf8)
        let first = try #require(FileStamp(path: path))
        #expect(FileStamp(path: path) == first)
        try "running\nwalking\n".write(toFile: path, atomically: false, encoding: .utf8)
        let second = try #require(FileStamp(path: path))
        #expect(second != first)
        try "jumping\nwalking\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try #require(FileStamp(path: path)) != second)
    }
}
