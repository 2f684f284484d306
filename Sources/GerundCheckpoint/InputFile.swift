import COpenSSL
import Glibc

/// A regular file opened for reading at any offset, by any thread.
///
/// Reads with `pread` and maps nothing into memory: a file that another program truncates meanwhile gives an error,
/// where a mapped one would end the process with SIGBUS. The only file of this module that handles raw memory.
final class InputFile: Sendable {
    /// As the user named it.
    let path: String
    /// The size when the file was opened.
    let byteCount: Int

    private let descriptor: CInt

    /// - Throws: ``CheckpointError`` `notFound`, `wrongKind` for anything but a regular file, or `unreadable`.
    init(path: String) throws(CheckpointError) {
        // Without O_NONBLOCK, opening a pipe would wait for its writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw CheckpointError(path: path, errno: errno) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let error = CheckpointError(path: path, errno: errno)
            close(descriptor)
            throw error
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            let what = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a device or a pipe"
            throw CheckpointError(code: .wrongKind, path: path, message: "this is \(what), a file was expected")
        }
        self.path = path
        self.byteCount = Int(status.st_size)
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    /// Fills `elements` from the file.
    ///
    /// - Parameters:
    ///   - offset: In bytes.
    ///   - elements: Numbers, which have no invalid bit patterns; in the machine's byte order, so little-endian.
    /// - Throws: ``CheckpointError`` `unreadable` when the system fails, or the file ends before `elements` is full.
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
                    message: "the file ends at byte \(offset + done): it was changed while in use")
            default:
                guard errno == EINTR else { throw CheckpointError(path: self.path, errno: errno) }
            }
        }
    }

    /// The whole file.
    ///
    /// - Parameter limit: In bytes.
    /// - Throws: ``CheckpointError`` `tooLarge` above the limit, or `unreadable`.
    func readAll(limit: Int) throws(CheckpointError) -> [UInt8] {
        guard self.byteCount <= limit else {
            throw CheckpointError(
                code: .tooLarge, path: self.path,
                message: "\(self.byteCount) bytes are too many for this file; the limit is \(limit)")
        }
        var bytes = [UInt8](repeating: 0, count: self.byteCount)
        var span = bytes.mutableSpan
        try self.read(at: 0, into: &span)
        return bytes
    }

    /// The SHA-256 digest of the file's present contents, as 64 hexadecimal digits.
    ///
    /// - Throws: ``CheckpointError`` `unreadable`.
    /// - Complexity: Reads the whole file, about 1 GB a second when the system has it in memory.
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
            throw CheckpointError(code: .unreadable, path: self.path, message: "libcrypto could not make a SHA-256")
        }
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// What the system knows under a path.
enum FileKind {
    case file, folder, nothing

    /// - Throws: ``CheckpointError`` `unreadable` when the system refuses to tell.
    init(path: String) throws(CheckpointError) {
        var status = stat()
        if unsafe stat(path, &status) == 0 {
            self = status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
        } else if errno == ENOENT || errno == ENOTDIR {
            self = .nothing
        } else {
            throw CheckpointError(path: path, errno: errno)
        }
    }
}

extension CheckpointError {
    /// The error for a failed system call.
    init(path: String, errno code: CInt) {
        let cause = unsafe String(cString: strerror(code))
        switch code {
        case ENOENT, ENOTDIR: self.init(code: .notFound, path: path, message: "no such file", cause: cause)
        case EACCES, EPERM:
            self.init(
                code: .unreadable, path: path, message: "not readable for this user: check its permissions",
                cause: cause)
        default: self.init(code: .unreadable, path: path, message: "can't be read", cause: cause)
        }
    }
}
