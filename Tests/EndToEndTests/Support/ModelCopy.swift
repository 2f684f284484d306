import Foundation
import GerundTesting

/// A copy of the demo model with one file replaced.
struct ModelCopy {
    private struct NoHeader: Error {}

    let directory: TemporaryDirectory

    /// Links to all files of the demo model but `name`, which holds `bytes`.
    init(replacing name: String, with bytes: some Collection<UInt8>) throws {
        self.directory = try TemporaryDirectory()
        for file in try FileManager.default.contentsOfDirectory(atPath: Gerund.demoModel) where file != name {
            try FileManager.default.createSymbolicLink(
                atPath: self.directory.path(file), withDestinationPath: "\(Gerund.demoModel)/\(file)")
        }
        try self.directory.write(bytes, to: name)
    }

    /// A copy with another header of its weights' file, as text of JSON, before the same data.
    init(editingHeader edit: (inout String) throws -> Void) throws {
        let bytes = try Self.bytes(of: "model.safetensors")
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        var header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
        try edit(&header)
        let text = Array(header.utf8)
        let size = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
        try self.init(replacing: "model.safetensors", with: size + text + bytes[(8 + length)...])
    }

    var path: String { self.directory.path }

    static func bytes(of name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(Gerund.demoModel)/\(name)")))
    }
}
