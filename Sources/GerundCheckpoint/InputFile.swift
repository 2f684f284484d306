import COpenSSL
import GerundCore
import Glibc

/// A regular file that is open for reading at any offset, by any thread.
///
/// It reads with `pread` instead of mapping the file into memory: if another program truncates the file meanwhile,
/// reading throws an error, where a mapping would end the process with SIGBUS. This is the only source file of the
/// module that handles raw memory.
final class InputFile: Sendable {
    /// The file's path, as the user named it.
    let path: String
    /// The size of the file when it was opened, in bytes.
    let byteCount: Int

    private let descriptor: CInt

    /// Opens a file.
    ///
    /// - Throws: ``CheckpointError`` with the code `notFound`, `unreadable`, or `wrongKind` for anything but a regular
    ///   file.
    init(path: String) throws(CheckpointError) {
        // Without O_NONBLOCK, opening a pipe would block until it has a writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw CheckpointError(path: path, SystemError.last) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let error = CheckpointError(path: path, SystemError.last)
            close(descriptor)
            throw error
        }
        guard FileKind(mode: status.st_mode) == .regular else {
            close(descriptor)
            let kind = FileKind(mode: status.st_mode) == .directory ? "a directory" : "a device or a pipe"
            throw CheckpointError(code: .wrongKind, path: path, message: "is \(kind), expected a file")
        }
        self.path = path
        self.byteCount = Int(status.st_size)
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    /// Fills `elements` from the file.
    ///
    /// - Parameters:
    ///   - offset: The offset of the first byte to read.
    ///   - elements: The numbers to fill, in the machine's byte order, which is little-endian; numbers have no invalid
    ///     bit patterns.
    /// - Throws: ``CheckpointError`` with the code `unreadable` if the system fails, or if the file ends too early.
    func read<Element: BitwiseCopyable & Numeric>(
        at offset: Int, into elements: inout MutableSpan<Element>
    ) throws(CheckpointError) {
        let byteCount = elements.count * MemoryLayout<Element>.stride
        var done = 0
        while done < byteCount {
            let count = unsafe elements.withUnsafeMutableBytes { bytes in
                unsafe pread(self.descriptor, bytes.baseAddress! + done, byteCount - done, offset + done)
            }
            switch count {
            case 1...: done += count
            case 0:
                throw CheckpointError(
                    code: .unreadable, path: self.path,
                    message: "unexpected end of file at byte \(offset + done): it was changed while in use")
            default:
                guard errno == EINTR else { throw CheckpointError(path: self.path, SystemError.last) }
            }
        }
    }

    /// Returns the contents of the whole file.
    ///
    /// - Parameter limit: The maximum size, in bytes.
    /// - Returns: The bytes.
    /// - Throws: ``CheckpointError`` with the code `tooLarge` or `unreadable`.
    func readAll(limit: Int) throws(CheckpointError) -> [UInt8] {
        guard self.byteCount <= limit else {
            throw CheckpointError(
                code: .tooLarge, path: self.path,
                message: "file too large: \(self.byteCount) bytes, the limit is \(limit)")
        }
        var bytes = [UInt8](repeating: 0, count: self.byteCount)
        var span = bytes.mutableSpan
        try self.read(at: 0, into: &span)
        return bytes
    }

    /// Returns the SHA-256 digest of the file's current contents, as 64 hexadecimal digits.
    ///
    /// - Returns: The digest, in lower case.
    /// - Throws: ``CheckpointError`` with the code `unreadable`.
    /// - Complexity: Reads the whole file, at about 1 GB per second if it is in the page cache.
    func sha256() throws(CheckpointError) -> String {
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        var succeeded = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        var chunk = [UInt8](repeating: 0, count: min(self.byteCount, 1 << 20))
        var offset = 0
        while offset < self.byteCount {
            let count = min(chunk.count, self.byteCount - offset)
            if count < chunk.count { chunk.removeLast(chunk.count - count) }
            var span = chunk.mutableSpan
            try self.read(at: offset, into: &span)
            unsafe chunk.withUnsafeBytes { bytes in
                succeeded = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 && succeeded
            }
            offset += count
        }
        var digest = [UInt8](repeating: 0, count: 32)
        succeeded = unsafe EVP_DigestFinal_ex(context, &digest, nil) == 1 && succeeded
        guard succeeded else {
            throw CheckpointError(
                code: .unreadable, path: self.path, message: "libcrypto cannot compute a SHA-256 digest")
        }
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
