import GerundCore
import GerundTesting
import Glibc
import Testing

@Suite("TextFile")
struct TextFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        self.directory = try TemporaryDirectory()
    }

    private func error(path: String, limit: Int = 1000) throws -> TextFileError {
        try #require(throws: TextFileError.self) { try TextFile.read(path: path, limit: limit) }
    }

    @Test("Returns the text without a byte order mark")
    func text() throws {
        let path = try self.directory.write("\u{feff}a\nb é\n", to: "a.txt")
        #expect(try TextFile.read(path: path, limit: 100) == "a\nb é\n")
        #expect(try TextFile.read(path: self.directory.write("", to: "empty"), limit: 0) == "")
    }

    @Test("Reads a file of exactly the limit and refuses a larger one")
    func limit() throws {
        let path = try self.directory.write(String(repeating: "x", count: 200_000), to: "a.txt")
        #expect(try TextFile.read(path: path, limit: 200_000).utf8.count == 200_000)
        let error = try self.error(path: path, limit: 199_999)
        #expect(error.code == .tooLarge && error.summary == "\(path): larger than 199999 bytes")
    }

    @Test("Never reads more than the limit of an endless device")
    func endless() throws {
        #expect(try self.error(path: "/dev/zero", limit: 100_000).code == .tooLarge)
    }

    @Test("Names the first line that isn't UTF-8")
    func encoding() throws {
        let path = try self.directory.write(Array("a\nb\n".utf8) + [0xC3, 0x28, 0x0A, 0xFF], to: "a.txt")
        let error = try self.error(path: path)
        #expect(error.code == .invalidEncoding && error.line == 3)
        #expect(error.summary == "\(path):3: invalid UTF-8: save the file as UTF-8")
        #expect(error.description == "invalidEncoding: \(error.summary)")
    }

    @Test("Distinguishes a missing file, a directory and an unreadable file")
    func failures() throws {
        let missing = try self.error(path: self.directory.path("none"))
        #expect(missing.code == .notFound && missing.cause == nil)
        #expect(missing.summary == "\(self.directory.path("none")): no such file")
        #expect(try self.error(path: self.directory.write("x", to: "f") + "/g").code == .notFound)
        #expect(try self.error(path: self.directory.path).code == .isDirectory)
        #expect(try self.error(path: "\(self.directory.write("x", to: "f"))\0").code == .notFound)
        // Not a permission, which the superuser has anyway: a chain of symbolic links that never ends.
        let loop = self.directory.path("loop")
        #expect(unsafe symlink(loop, loop) == 0)
        let unreadable = try self.error(path: loop)
        #expect(unreadable.code == .unreadable && unreadable.systemError == SystemError(ELOOP))
        #expect(unreadable.summary == "\(loop): cannot read the file (Too many levels of symbolic links)")
    }
}

@Suite("FileKind")
struct FileKindTests {
    @Test("Distinguishes files, directories, special files and missing ones")
    func kinds() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("x", to: "f")
        #expect(try FileKind(path: file) == .regular)
        #expect(try FileKind(path: directory.path) == .directory)
        #expect(try FileKind(path: directory.makePipe("p")) == .special)
        #expect(try FileKind(path: "/dev/null") == .special)
        #expect(try FileKind(path: directory.path("none")) == .missing)
        #expect(try FileKind(path: "\(file)/x") == .missing)
        let loop = directory.path("loop")
        #expect(unsafe symlink(loop, loop) == 0)
        #expect(throws: SystemError(ELOOP)) { try FileKind(path: loop) }
    }
}
