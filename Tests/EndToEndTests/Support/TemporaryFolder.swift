import Foundation

/// A folder of its own for one test, removed with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        self.path = FileManager.default.temporaryDirectory.path + "/gerund-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func path(_ name: String) -> String { "\(self.path)/\(name)" }

    /// Writes a file and gives its path.
    @discardableResult
    func write(_ bytes: some Collection<UInt8>, to name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: self.path(name)))
        return self.path(name)
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String { try self.write(text.utf8, to: name) }

    func text(of name: String) throws -> String { try String(contentsOfFile: self.path(name), encoding: .utf8) }
}
