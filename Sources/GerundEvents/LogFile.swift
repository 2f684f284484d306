import Glibc

/// A file to which whole lines are appended, each with one write.
///
/// The only file of this module that makes system calls.
struct LogFile: ~Copyable {
    private let descriptor: CInt
    private let device: dev_t
    private let inode: ino_t
    /// Whether there is a last line to repair and a length to cut to: not so for pipes and devices.
    private let isRegular: Bool

    /// Opens or creates the file. A torn last line, left by a crash, is cut off.
    init(path: String) throws(LogError) {
        let descriptor = unsafe open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw LogError(
                code: .cannotOpen, path: path, message: "cannot open the log: choose a file that can be written",
                cause: Self.systemMessage())
        }
        var status = stat()
        unsafe fstat(descriptor, &status)
        self.descriptor = descriptor
        self.device = status.st_dev
        self.inode = status.st_ino
        self.isRegular = status.st_mode & S_IFMT == S_IFREG
        if self.isRegular { self.repairLastLine(size: status.st_size) }
    }

    deinit { close(self.descriptor) }

    /// Appends one line with one write; when that fails, nothing of the line stays in the file.
    func append(line: String, path: String) throws(LogError) {
        let before = self.isRegular ? lseek(self.descriptor, 0, SEEK_END) : 0
        var line = line
        line += "\n"
        let written = line.withUTF8 { bytes -> Int in
            while true {
                let count = unsafe write(self.descriptor, bytes.baseAddress, bytes.count)
                if count >= 0 || errno != EINTR { return count == bytes.count ? 0 : count < 0 ? errno.asInt : -1 }
            }
        }
        guard written != 0 else { return }
        let cause = written < 0 ? "only part of the line fitted" : Self.systemMessage(CInt(written))
        if self.isRegular, written < 0 { ftruncate(self.descriptor, before) }
        throw LogError(code: .cannotWrite, path: path, message: "cannot write the log", cause: cause)
    }

    /// Returns when what was appended is on the disk.
    func synchronize() {
        if self.isRegular { fdatasync(self.descriptor) }
    }

    /// Whether `path` still names this file: no longer so after a rename or removal, as logrotate does.
    func isStill(at path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return false }
        return status.st_dev == self.device && status.st_ino == self.inode
    }

    /// Cuts off what follows the last line end.
    private func repairLastLine(size: off_t) {
        var end = size
        var block = [UInt8](repeating: 0, count: 4096)
        while end > 0 {
            let start = max(0, end - off_t(block.count))
            let count = unsafe pread(self.descriptor, &block, Int(end - start), start)
            guard count == Int(end - start) else { return }
            if let last = block[..<count].lastIndex(of: UInt8(ascii: "\n")) {
                end = start + off_t(last) + 1
                break
            }
            end = start
        }
        if end < size { ftruncate(self.descriptor, end) }
    }

    private static func systemMessage(_ code: CInt = errno) -> String {
        unsafe String(cString: strerror(code))
    }
}

extension CInt {
    fileprivate var asInt: Int { Int(self) }
}
