import Foundation
import GerundCore
import GerundSettings
import GerundTesting
import Testing

@Suite("FileChangeDetector")
struct FileChangeDetectorTests {
    private func polls(_ fingerprints: [Int?]) -> [Bool] {
        var detector = FileChangeDetector(read: [1, 7])
        return fingerprints.map { detector.poll([$0, 7]) == .read }
    }

    @Test("Waits while the files stay as they were read")
    func unchanged() {
        #expect(self.polls([1, 1, 1]) == [false, false, false])
    }

    @Test("Requests one read when the files haven't changed since the poll before")
    func edited() {
        #expect(self.polls([2, 2, 2, 2]) == [false, true, false, false])
        #expect(self.polls([2, 3, 4, 4, 4]) == [false, false, false, true, false])
        #expect(self.polls([2, 2, 3, 3]) == [false, true, false, true])
    }

    @Test("Waits if an edit is undone before it was read")
    func undone() {
        #expect(self.polls([2, 1, 1]) == [false, false, false])
    }

    @Test("Waits for a missing file to return")
    func missing() {
        #expect(self.polls([nil, nil, nil]) == [false, false, false])
        #expect(self.polls([nil, nil, 1, 1]) == [false, false, false, false])
        #expect(self.polls([nil, 2, 2]) == [false, false, true])
    }

    @Test("Doesn't wait for a file that never had a fingerprint, such as a pipe")
    func pipe() {
        var detector = FileChangeDetector<Int>(read: [1, nil])
        let polls = [detector.poll([2, nil]), detector.poll([2, nil])]
        #expect(polls == [.wait, .read])
    }

    @Test("Fingerprints differ after a file was rewritten or replaced, and exist only for regular files")
    func fingerprints() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("labels.txt")
        #expect(FileFingerprint(path: path) == nil && FileFingerprint(path: directory.path) == nil)
        #expect(FileFingerprint(path: "/dev/null") == nil)
        try "running\n".write(toFile: path, atomically: false, encoding: .utf8)
        let first = try #require(FileFingerprint(path: path))
        #expect(FileFingerprint(path: path) == first)
        try "running\nwalking\n".write(toFile: path, atomically: false, encoding: .utf8)
        let second = try #require(FileFingerprint(path: path))
        #expect(second != first)
        try "jumping\nwalking\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try #require(FileFingerprint(path: path)) != second)
    }
}
