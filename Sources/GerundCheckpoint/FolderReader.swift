/// Reads the text files of a model folder, with errors that name the file.
struct FolderReader: Sendable {
    /// A tokenizer with a million entries has less; a weight file by mistake has more.
    static let fileLimit = 64 << 20

    let path: String

    /// - Throws: ``CheckpointError`` `notFound` or `wrongKind`.
    init(path: String) throws(CheckpointError) {
        switch try FileKind(path: path) {
        case .folder: self.path = path
        case .file:
            throw CheckpointError(
                code: .wrongKind, path: path,
                message: "a model is a folder with config.json and model.safetensors, this is a file")
        case .nothing: throw CheckpointError(code: .notFound, path: path, message: "no such model folder")
        }
    }

    func path(of name: String) -> String { self.path.hasSuffix("/") ? self.path + name : "\(self.path)/\(name)" }

    /// Whether there is anything of that name.
    func has(_ name: String) throws(CheckpointError) -> Bool {
        try FileKind(path: self.path(of: name)) != .nothing
    }

    func bytes(_ name: String) throws(CheckpointError) -> [UInt8] {
        try InputFile(path: self.path(of: name)).readAll(limit: Self.fileLimit)
    }

    /// A UTF-8 file.
    func text(_ name: String) throws(CheckpointError) -> String {
        let bytes = try self.bytes(name)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw self.notText(name) }
        return text
    }

    /// A UTF-8 JSON file with an object at its top.
    func object(_ name: String) throws(CheckpointError) -> JSONObject { try self.objectAndBytes(name).object }

    /// The same, and the bytes that it was read from.
    func objectAndBytes(_ name: String) throws(CheckpointError) -> (object: JSONObject, bytes: [UInt8]) {
        let bytes = try self.bytes(name)
        guard String(validating: bytes, as: UTF8.self) != nil else { throw self.notText(name) }
        do {
            let value = try JSONParser.parse(bytes)
            guard let object = value.object else {
                throw JSONSyntaxError(message: "an object was expected, found \(value.kind)", line: 1, column: 1)
            }
            return (object, bytes)
        } catch {
            throw CheckpointError(code: .malformed, path: self.path(of: name), message: "broken JSON: \(error)")
        }
    }

    private func notText(_ name: String) -> CheckpointError {
        CheckpointError(code: .malformed, path: self.path(of: name), message: "this is not UTF-8 text")
    }
}
