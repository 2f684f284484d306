import GerundCore
import Glibc

/// A file to which whole lines are appended, each with one write.
///
/// Several programs may append to one file: a lock keeps them from repairing a line that another one is writing. This
/// is the only file of the module that makes system calls.
struct LogFile: ~Copyable {
    private let descriptor: CInt
    private let device: dev_t
    private let inode: ino_t
    /// A Boolean value that indicates whether there is a last line to repair and a length to truncate to: not so for
    /// pipes and devices.
    private let isRegular: Bool

    /// Takes ownership of an open descriptor, which is closed with the file.
    private init(descriptor: CInt) {
        var status = stat()
        unsafe fstat(descriptor, &status)
        self.descriptor = descriptor
        self.device = status.st_dev
        self.inode = status.st_ino
        self.isRegular = status.st_mode & S_IFMT == S_IFREG
    }

    /// Opens or creates the file.
    ///
    /// A torn last line, which a crash left, is removed.
    ///
    /// Nothing is removed from a file that doesn't begin as an event log.
    ///
    /// - Parameters:
    ///   - path: The file's path.
    ///   - protectedFiles: Files that the log must not be.
    /// - Returns: The open file.
    /// - Throws: ``LogError`` with the code `invalidPath`, `cannotOpen`, `notALog` or `inUse`.
    static func open(path: String, protecting protectedFiles: [EventLog.ProtectedFile] = []) throws(LogError) -> LogFile
    {
        guard !path.isEmpty else {
            throw LogError(code: .invalidPath, path: path, message: "the event log needs a path")
        }
        guard path != "-" else {
            throw LogError(
                code: .invalidPath, path: path,
                message: "standard output can't be an event log: use --format jsonl, or write ./- for a file named -")
        }
        let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK
        let descriptor = unsafe Glibc.open(path, flags, 0o644)
        guard descriptor >= 0 else {
            throw LogError(
                code: .cannotOpen, path: path, message: "cannot open the log: choose a writable file",
                cause: SystemError.last)
        }
        let file = LogFile(descriptor: descriptor)
        if let other = protectedFiles.first(where: { file.isCurrent(at: $0.path) }) {
            throw LogError(
                code: .inUse, path: path, message: "is \(other.role), not an event log: choose another file")
        }
        guard !file.isRegular || file.repair() else {
            throw LogError(code: .notALog, path: path, message: "is not an event log: choose another file")
        }
        return file
    }

    deinit { close(self.descriptor) }

    /// Appends one line with one write.
    ///
    /// If that fails, no part of the line stays in the file.
    ///
    /// - Parameters:
    ///   - line: The line without its end.
    ///   - path: The file's path, for the error.
    /// - Throws: ``LogError`` with the code `cannotWrite`.
    func append(line: String, path: String) throws(LogError) {
        if self.isRegular { self.lock() }
        defer { if self.isRegular { self.unlock() } }
        let before = self.isRegular ? lseek(self.descriptor, 0, SEEK_END) : 0
        guard let cause = self.write(Array(line.utf8) + [UInt8(ascii: "\n")]) else { return }
        if self.isRegular { ftruncate(self.descriptor, before) }
        throw LogError(code: .cannotWrite, path: path, message: "cannot write the log", cause: cause)
    }

    /// A pipe that nothing reads from.
    private struct NoReader: Error, CustomStringConvertible {
        var description: String { "no reader" }
    }

    /// Writes all bytes.
    ///
    /// - Returns: Why some of them were not written; `nil` if all were.
    private func write(_ bytes: [UInt8]) -> (any Error)? {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(self.descriptor, bytes.baseAddress! + done, bytes.count - done)
            }
            if count >= 0 {
                // A short write to a file means that the disk or the quota is full; the next write reports it.
                done += count
            } else if errno == EAGAIN {
                guard self.waitForReader() else { return NoReader() }
            } else if errno != EINTR {
                return SystemError.last
            }
        }
        return nil
    }

    /// Waits until a pipe can be written to; at most half a second, so that a pipe without a reader doesn't hold up the
    /// end of the program.
    private func waitForReader() -> Bool {
        var descriptor = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&descriptor, 1, 500) != 0
    }

    /// Returns when what was appended is on the disk.
    func synchronize() {
        if self.isRegular { fdatasync(self.descriptor) }
    }

    /// Returns whether a path names this file: no longer so after a rename or removal, as by logrotate.
    func isCurrent(at path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return false }
        return status.st_dev == self.device && status.st_ino == self.inode
    }

    /// Waits until no other program writes.
    ///
    /// On a file system without locks, only one program may write.
    private func lock() {
        while flock(self.descriptor, LOCK_EX) != 0, errno == EINTR {}
    }

    private func unlock() {
        flock(self.descriptor, LOCK_UN)
    }

    // MARK: Rotation

    /// Renames the file if the next line would exceed its maximum size.
    ///
    /// The caller must open the path again then.
    ///
    /// Every program that rotates holds the lock of the file at the path, so they never rotate at the same time.
    ///
    /// - Parameters:
    ///   - rotation: The maximum size and the number of old files.
    ///   - path: The file's path.
    ///   - count: The length of the next line with its end, in bytes.
    /// - Returns: `true` if the file was renamed.
    /// - Throws: ``LogError`` with the code `cannotRotate`. The file is still at its path then and can be appended to.
    func rotate(_ rotation: LogRotation, path: String, adding count: Int) throws(LogError) -> Bool {
        guard self.isRegular else { return false }
        self.lock()
        defer { self.unlock() }
        // Another program may have rotated while this one waited.
        guard self.isCurrent(at: path) else { return true }
        let size = Int(lseek(self.descriptor, 0, SEEK_END))
        guard size > 0, size + count > rotation.maximumSize else { return false }

        let location = Self.resolved(path)
        func name(_ number: Int) -> String { number == 0 ? location : "\(location).\(number)" }
        fdatasync(self.descriptor)
        for step in rotation.renames(fileExists: { number in unsafe access(name(number), F_OK) == 0 }) {
            guard unsafe rename(name(step.from), name(step.to)) == 0 else {
                let target = name(step.to)
                throw LogError(
                    code: .cannotRotate, path: path,
                    message: "cannot rename the full log to \(target): make the directory writable "
                        + "(the log keeps growing)", cause: SystemError.last)
            }
        }
        return true
    }

    /// Synchronizes the directory of a path, so that renames survive a crash.
    static func synchronizeDirectory(of path: String) {
        let location = Self.resolved(path)
        let directory = location.lastIndex(of: "/").map { location[...$0] } ?? "./"
        let descriptor = unsafe Glibc.open(String(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// Returns the path without symbolic links: old files are next to the file itself.
    private static func resolved(_ path: String) -> String {
        guard let resolved = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    // MARK: Repair

    /// The maximum length of a file of zeros that counts as a log whose data never reached the disk.
    private static let maximumZeroCount: off_t = 64 << 10

    /// Removes what follows the last line end, or ends the line if only its end was lost.
    ///
    /// - Returns: `false` if the file is not an event log; it is unchanged then.
    private func repair() -> Bool {
        self.lock()
        defer { self.unlock() }
        let size = lseek(self.descriptor, 0, SEEK_END)
        guard size > 0 else { return true }
        guard self.beginsAsLog(size: size) else { return false }
        guard let start = self.lastLineStart(size: size), start < size else { return true }
        switch TornLine(self.read(at: start, count: Int(min(size - start, off_t(TornLine.maximumByteCount) + 1)))) {
        case .notARecord: return false
        case .torn: ftruncate(self.descriptor, start)
        case .complete: _ = self.write([UInt8(ascii: "\n")])
        }
        return true
    }

    /// Returns whether the first bytes are those of a record, as far as they were written.
    private func beginsAsLog(size: off_t) -> Bool {
        let beginning = self.read(at: 0, count: Int(min(size, off_t(TornLine.maximumPrefixLength))))
        if TornLine.recordPrefixes.contains(where: { beginning.starts(with: $0) }) { return true }
        // A file without a whole first record: the bytes that reached the disk, and zeros. The repair checks them all.
        return size <= Self.maximumZeroCount && TornLine.isRecordBeginning(beginning.prefix { $0 != 0 })
            && self.lastLineStart(size: size) == 0
    }

    /// Returns the offset at which the last line begins; the size if the file ends with a line end.
    private func lastLineStart(size: off_t) -> off_t? {
        var end = size
        while end > 0 {
            let start = max(0, end - 4096)
            let block = self.read(at: start, count: Int(end - start))
            guard block.count == Int(end - start) else { return nil }
            if let last = block.lastIndex(of: UInt8(ascii: "\n")) { return start + off_t(last) + 1 }
            end = start
        }
        return 0
    }

    private func read(at offset: off_t, count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            unsafe initializedCount = max(0, pread(self.descriptor, buffer.baseAddress, count, offset))
        }
    }
}
