/// A safetensors file: named tensors on disk, read on demand.
///
/// The header is checked in full when the file is opened, so that later only the system can fail. Elements are read
/// when they are asked for; nothing is kept in memory. The file must not change while it is in use: one that shrinks
/// gives an error, one that is overwritten gives wrong numbers.
public final class SafeTensors: Sendable {
    let file: InputFile
    private let header: SafeTensorsHeader

    /// Opens a file and checks its header.
    ///
    /// - Throws: ``CheckpointError`` `notFound`, `wrongKind`, `unreadable`, or `malformed` when the file breaks the
    ///   format anywhere, truncation included.
    public init(path: String) throws(CheckpointError) {
        let file = try InputFile(path: path)
        func malformed(_ message: String) -> CheckpointError {
            CheckpointError(code: .malformed, path: path, message: message)
        }

        let prefixLength = SafeTensorsHeader.prefixLength
        guard file.byteCount >= prefixLength else {
            throw malformed(
                file.byteCount == 0 ? "the file is empty" : "\(file.byteCount) bytes are no safetensors file")
        }
        let length = try file.readHeaderLength()
        guard length <= SafeTensorsHeader.lengthLimit else {
            throw malformed("a header of \(length) bytes is not credible: this is no safetensors file")
        }
        guard length <= file.byteCount - prefixLength else {
            throw malformed(
                "the header should have \(length) bytes, but the file has \(file.byteCount): it is truncated, "
                    + "fetch it again, or no safetensors file")
        }
        var json = [UInt8](repeating: 0, count: Int(length))
        var span = json.mutableSpan
        try file.read(at: prefixLength, into: &span)
        do {
            self.header = try SafeTensorsHeader(json: json, fileSize: file.byteCount)
        } catch {
            throw malformed(error.message)
        }
        self.file = file
    }

    /// The file's path, as given.
    public var path: String { self.file.path }

    /// The file's size when it was opened.
    public var byteCount: Int { self.file.byteCount }

    /// The names of all tensors, in the order of their data.
    public var names: [String] { self.header.names }

    /// The text members of `__metadata__`, for example `["format": "pt"]`.
    public var metadata: [String: String] { self.header.metadata }

    /// Type, shape and place of a tensor; `nil` when there is none of that name.
    public func info(_ name: String) -> TensorInfo? { self.header.tensors[name] }

    /// The SHA-256 of the file, as `sha256:` and 64 hexadecimal digits.
    ///
    /// - Throws: ``CheckpointError`` `unreadable`.
    /// - Complexity: Reads the whole file, about 1 GB a second when the system has it in memory.
    public func checksum() throws(CheckpointError) -> String {
        "sha256:\(try self.file.sha256())"
    }
}

extension InputFile {
    fileprivate func readHeaderLength() throws(CheckpointError) -> UInt64 {
        var length: [UInt64] = [0]
        var span = length.mutableSpan
        try self.read(at: 0, into: &span)
        return UInt64(littleEndian: length[0])
    }
}
