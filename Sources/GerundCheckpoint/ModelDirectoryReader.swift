import GerundCore

/// Reads the text files of a model directory, with errors that name the file.
struct ModelDirectoryReader: Sendable {
    /// The maximum size of a text file, in bytes: a tokenizer with a million entries is smaller, most weight files are
    /// larger.
    static let maximumFileSize = 64 << 20

    /// The directory's path, as the user named it.
    let path: String

    /// Checks that the path leads to a directory.
    ///
    /// - Throws: ``CheckpointError`` with the code `notFound`, `wrongKind` or `unreadable`.
    init(path: String) throws(CheckpointError) {
        switch try Self.kind(of: path) {
        case .directory: self.path = path
        case .regular, .special:
            throw CheckpointError(
                code: .wrongKind, path: path,
                message: "not a directory: a model is a directory with config.json and model.safetensors")
        case .missing: throw CheckpointError(code: .notFound, path: path, message: "no such model directory")
        }
    }

    /// Returns the path of a file in the directory.
    func path(of name: String) -> String { self.path.hasSuffix("/") ? self.path + name : "\(self.path)/\(name)" }

    /// Returns whether the directory has an entry with that name, of whatever type.
    func contains(_ name: String) throws(CheckpointError) -> Bool {
        try Self.kind(of: self.path(of: name)) != .missing
    }

    /// Returns the text of a UTF-8 file.
    func readText(_ name: String) throws(CheckpointError) -> String {
        guard let text = String(validating: try self.readBytes(name), as: UTF8.self) else {
            throw self.invalidEncoding(name)
        }
        return text
    }

    /// Returns the top-level object of a UTF-8 JSON file.
    func readJSONObject(_ name: String) throws(CheckpointError) -> JSONObject {
        let bytes = try self.readBytes(name)
        // The parser checks the encoding of strings only, and reports another error elsewhere.
        guard String(validating: bytes, as: UTF8.self) != nil else { throw self.invalidEncoding(name) }
        do {
            return try JSONReader(JSONValue(parsing: bytes)).json
        } catch {
            let reason = (error as? JSONSyntaxError)?.message ?? (error as? JSONValueError)?.message ?? "\(error)"
            throw CheckpointError(
                code: .malformed, path: self.path(of: name), message: "invalid JSON: \(reason)")
        }
    }

    private func readBytes(_ name: String) throws(CheckpointError) -> [UInt8] {
        try InputFile(path: self.path(of: name)).readAll(limit: Self.maximumFileSize)
    }

    private func invalidEncoding(_ name: String) -> CheckpointError {
        CheckpointError(code: .malformed, path: self.path(of: name), message: "invalid UTF-8")
    }

    private static func kind(of path: String) throws(CheckpointError) -> FileKind {
        do {
            return try FileKind(path: path)
        } catch {
            throw CheckpointError(path: path, error)
        }
    }
}
