import Foundation
import GerundEngine
import Testing

@Suite("A file of labels")
struct LabelFileTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/gerund-\(UUID().uuidString)"

    /// The labels of a file with the given bytes.
    private func read(_ bytes: [UInt8]) throws -> [String] {
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: self.folder) }
        let path = "\(self.folder)/labels.txt"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try LabelFile.read(path: path)
    }

    private func message(_ bytes: [UInt8]) throws -> String {
        let error = #expect(throws: ModelError.self) { _ = try self.read(bytes) }
        #expect(error?.code == .labels)
        return (error?.message ?? "").replacing(self.folder + "/", with: "")
    }

    @Test(
        "has one label a line, whatever the lines end with",
        arguments: [
            ("walking\nwaving a hand\n", ["walking", "waving a hand"]), ("walking", ["walking"]),
            ("walking\r\nrunning\r\n", ["walking", "running"]), ("\u{feff}walking\nrunning", ["walking", "running"]),
            ("# people\n\n  walking \t\n   # more\n\u{a0}\nrunning", ["walking", "running"]),
            ("walking # not a comment", ["walking # not a comment"]), ("走路\ncafé 👋🏽\n", ["走路", "café 👋🏽"]),
        ])
    func lines(text: String, labels: [String]) throws {
        #expect(try self.read(Array(text.utf8)) == labels)
    }

    @Test("names the line that is not UTF-8")
    func encoding() throws {
        let latin = Array("walking\ncaf".utf8) + [0xe9, 0x0a] + Array("running".utf8)
        #expect(try self.message(latin) == "labels.txt, line 2: not UTF-8: save the file as UTF-8")
        #expect(try self.message([0xff, 0xfe, 0x61, 0x00]) == "labels.txt, line 1: not UTF-8: save the file as UTF-8")
    }

    @Test("says so when it holds no label", arguments: ["", "\n\n", "# only\n# comments", "\u{feff}", " \t\r\n"])
    func empty(text: String) throws {
        #expect(try self.message(Array(text.utf8)) == "labels.txt: holds no label: write one per line")
    }

    @Test("is refused when it is far too large")
    func large() throws {
        let message = try self.message([UInt8](repeating: 0x61, count: (1 << 20) + 1))
        #expect(message == "labels.txt: more than 1048576 bytes are too many for a file with one label per line")
    }

    @Test("is refused when it is a folder, missing, or never ends, links to them included")
    func notAFile() throws {
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: self.folder) }
        let link = "\(self.folder)/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: self.folder)
        for (path, message) in [
            (self.folder, "is a folder: name a file with one label per line"),
            (link, "is a folder: name a file with one label per line"),
            (self.folder + "/missing", "cannot read the labels: is the path right and the file readable?"),
            ("/dev/zero", "more than 1048576 bytes are too many for a file with one label per line"),
        ] {
            let error = #expect(throws: ModelError.self) { _ = try LabelFile.read(path: path) }
            #expect(error?.message == "\(path): \(message)")
        }
        #expect(throws: ModelError.self) { _ = try LabelFile.read(path: "/dev/null") }
    }
}
