import Foundation
import GerundCore
import GerundEngine
import GerundTesting
import Testing

@Suite("LabelFile")
struct LabelFileTests {
    private let directory: TemporaryDirectory

    init() throws { self.directory = try TemporaryDirectory() }

    /// Returns the labels of a file with the given bytes.
    private func read(_ bytes: [UInt8]) throws -> [String] {
        let path = self.directory.path("labels.txt")
        try Data(bytes).write(to: URL(filePath: path))
        return try LabelFile.read(path: path)
    }

    /// Returns the summary of the error for a file with the given bytes.
    private func message(_ bytes: [UInt8]) throws -> String {
        let error = #expect(throws: ModelError.self) { _ = try self.read(bytes) }
        #expect(error?.code == .labels)
        return (error?.summary ?? "")
    }

    @Test(
        "Reads one label per line, with any line ends",
        arguments: [
            ("walking\nwaving a hand\n", ["walking", "waving a hand"]), ("walking", ["walking"]),
            ("walking\r\nrunning\r\n", ["walking", "running"]), ("\u{feff}walking\nrunning", ["walking", "running"]),
            ("# people\n\n  walking \t\n   # more\n\u{a0}\nrunning", ["walking", "running"]),
            ("walking # not a comment", ["walking # not a comment"]), ("走路\ncafé 👋🏽\n", ["走路", "café 👋🏽"]),
        ])
    func lines(text: String, labels: [String]) throws {
        #expect(try self.read(Array(text.utf8)) == labels)
    }

    @Test("Names the first line that isn't UTF-8")
    func encoding() throws {
        let latin = Array("walking\ncaf".utf8) + [0xe9, 0x0a] + Array("running".utf8)
        #expect(try self.message(latin).contains("labels.txt:2: invalid UTF-8"))
        #expect(try self.message([0xff, 0xfe, 0x61, 0x00]).contains("labels.txt:1: invalid UTF-8"))
    }

    @Test("Refuses a file without labels", arguments: ["", "\n\n", "# only\n# comments", "\u{feff}", " \t\r\n"])
    func empty(text: String) throws {
        #expect(try self.message(Array(text.utf8)).hasSuffix("contains no labels (expected one per line)"))
    }

    @Test("Refuses a file that is too large")
    func large() throws {
        let message = try self.message([UInt8](repeating: 0x61, count: (1 << 20) + 1))
        #expect(message.hasSuffix("larger than 1048576 bytes"))
    }

    @Test("Refuses directories, missing files and endless devices, links to them included")
    func notAFile() throws {
        let directory = try self.directory.makeDirectory("directory")
        let link = self.directory.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: directory)
        for (path, message) in [
            (directory, "is a directory, expected a file"), (link, "is a directory, expected a file"),
            (self.directory.path("missing"), "no such file"), ("/dev/zero", "larger than 1048576 bytes"),
            ("/dev/null", "contains no labels (expected one per line)"),
        ] {
            let error = #expect(throws: ModelError.self) { _ = try LabelFile.read(path: path) }
            #expect(error?.code == .labels)
            #expect(error?.summary.hasPrefix("\(path): \(message)") == true, "\(error?.summary ?? "")")
        }
    }
}
