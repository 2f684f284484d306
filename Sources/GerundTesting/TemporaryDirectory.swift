import FoundationEssentials
import GerundCore
import Glibc

/// A new empty directory for one test, removed with this object.
///
///     let directory = try TemporaryDirectory()
///     let path = try directory.write("window: 2\n", to: "gerund.yaml")
public final class TemporaryDirectory: Sendable {
    /// The directory's absolute path.
    public let path: String

    /// Creates the directory below the system's directory for temporary files.
    ///
    /// - Throws: The error of the file system.
    public init() throws {
        self.path = FileManager.default.temporaryDirectory.path + "/gerund-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    /// Returns the path of a file in the directory, whether it exists or not.
    public func path(_ name: String) -> String { "\(self.path)/\(name)" }

    /// Writes a file, in place of an existing one.
    ///
    /// - Parameters:
    ///   - bytes: The contents.
    ///   - name: The file's name.
    /// - Returns: The file's path.
    /// - Throws: The error of the file system.
    @discardableResult
    public func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        try Data(bytes).write(to: URL(filePath: self.path(name)))
        return self.path(name)
    }

    /// Writes a UTF-8 file, in place of an existing one, and returns its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String { try self.write(text.utf8, to: name) }

    /// Returns the contents of a file.
    public func bytes(of name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: self.path(name))))
    }

    /// Returns the text of a UTF-8 file.
    public func text(of name: String) throws -> String {
        try String(contentsOfFile: self.path(name), encoding: .utf8)
    }

    /// Returns the complete lines of a UTF-8 file, without their line feeds; text after the last line feed is omitted.
    public func lines(of name: String) throws -> [String] {
        try self.text(of: name).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    /// Removes a file or a directory with its contents.
    public func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: self.path(name)) }

    /// Creates a directory and returns its path.
    @discardableResult
    public func makeDirectory(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: self.path(name), withIntermediateDirectories: true)
        return self.path(name)
    }

    /// Creates a named pipe (FIFO) and returns its path.
    ///
    /// - Throws: `SystemError`.
    @discardableResult
    public func makePipe(_ name: String) throws -> String {
        guard unsafe mkfifo(self.path(name), 0o600) == 0 else { throw SystemError.last }
        return self.path(name)
    }
}
