/// A safetensors file: named tensors on disk, read on demand.
///
/// The header is checked completely when the file is opened, so that afterwards only the system can fail. Elements are
/// read on request; nothing is kept in memory. The file must not change while it is in use: reading from one that
/// shrinks throws an error, and from one that is overwritten returns wrong numbers.
public final class SafeTensors: Sendable {
    let file: InputFile
    private let header: SafeTensorsHeader

    /// Opens a file and checks its header.
    ///
    /// - Parameter path: The path of the file.
    /// - Throws: ``CheckpointError`` with the code `notFound`, `wrongKind`, `unreadable`, or `malformed` if the file
    ///   violates the format anywhere, truncation included.
    public init(path: String) throws(CheckpointError) {
        let file = try InputFile(path: path)
        func malformed(_ message: String) -> CheckpointError {
            CheckpointError(code: .malformed, path: path, message: message)
        }

        let prefixLength = SafeTensorsHeader.prefixLength
        guard file.byteCount >= prefixLength else {
            throw malformed(
                file.byteCount == 0
                    ? "the file is empty" : "only \(file.byteCount) bytes: not a safetensors file")
        }
        let length = try file.readHeaderLength()
        guard length <= SafeTensorsHeader.maximumLength else {
            throw malformed("implausible header length \(length): not a safetensors file")
        }
        guard length <= file.byteCount - prefixLength else {
            throw malformed(
                "a header of \(length) bytes in a file of \(file.byteCount): truncated (download it again), "
                    + "or not a safetensors file")
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

    /// The size of the file when it was opened, in bytes.
    public var byteCount: Int { self.file.byteCount }

    /// The names of all tensors, in the order of their data.
    public var names: [String] { self.header.names }

    /// The members of `__metadata__`, for example `["format": "pt"]`.
    public var metadata: [String: String] { self.header.metadata }

    /// Returns the type, the shape and the byte range of a tensor; `nil` without such a tensor.
    public func info(_ name: String) -> TensorInfo? { self.header.tensors[name] }

    /// Returns the SHA-256 digest of the file, as `sha256:` and 64 hexadecimal digits.
    ///
    /// - Returns: The digest of the current contents.
    /// - Throws: ``CheckpointError`` with the code `unreadable`.
    /// - Complexity: Reads the whole file, at about 1 GB per second if it is in the page cache.
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
