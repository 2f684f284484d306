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

    func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: self.path(name)))
    }

    func text(of name: String) throws -> String {
        try String(contentsOfFile: self.path(name), encoding: .utf8)
    }

    func lines(of name: String) throws -> [String] {
        try self.text(of: name).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}
