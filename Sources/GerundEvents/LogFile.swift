import Glibc

/// A file to which whole lines are appended, each with one write.
///
/// Several programs may append to one file: a lock keeps them from repairing a line that another one is writing.
/// The only file of this module that makes system calls.
struct LogFile: ~Copyable {
    private let descriptor: CInt
    private let device: dev_t
    private let inode: ino_t
    /// Whether there is a last line to repair and a length to cut to: not so for pipes and devices.
    private let isRegular: Bool

    /// - Parameter descriptor: Closed with the file.
    private init(descriptor: CInt) {
        var status = stat()
        unsafe fstat(descriptor, &status)
        self.descriptor = descriptor
        self.device = status.st_dev
        self.inode = status.st_ino
        self.isRegular = status.st_mode & S_IFMT == S_IFREG
    }

    /// Opens or creates the file. A torn last line, left by a crash, is cut off.
    ///
    /// - Throws: ``LogError`` `cannotOpen`, also for a file whose last line is torn and was never a record: that file
    ///   is no log, and nothing of it may be cut off.
    static func open(path: String) throws(LogError) -> LogFile {
        let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK
        let descriptor = unsafe Glibc.open(path, flags, 0o644)
        guard descriptor >= 0 else {
            throw LogError(
                code: .cannotOpen, path: path, message: "cannot open the log: choose a file that can be written",
                cause: Self.systemMessage())
        }
        let file = LogFile(descriptor: descriptor)
        guard !file.isRegular || file.repairLastLine() else {
            throw LogError(
                code: .cannotOpen, path: path, message: "is not an event log: choose another file",
                cause: "its last line is no record")
        }
        return file
    }

    deinit { close(self.descriptor) }

    /// Appends one line with one write; when that fails, nothing of the line stays in the file.
    func append(line: String, path: String) throws(LogError) {
        if self.isRegular { self.lock() }
        defer { if self.isRegular { self.unlock() } }
        let before = self.isRegular ? lseek(self.descriptor, 0, SEEK_END) : 0
        guard let cause = self.write(Array(line.utf8) + [UInt8(ascii: "\n")]) else { return }
        if self.isRegular { ftruncate(self.descriptor, before) }
        throw LogError(code: .cannotWrite, path: path, message: "cannot write the log", cause: cause)
    }

    /// - Returns: Why not all of it was written, or `nil`.
    private func write(_ bytes: [UInt8]) -> String? {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(self.descriptor, bytes.baseAddress! + done, bytes.count - done)
            }
            if count >= 0 {
                // Less than asked for, from a file: the disk or the quota is full, as the next write says.
                done += count
            } else if errno == EAGAIN {
                guard self.waitForReader() else { return "nobody reads it" }
            } else if errno != EINTR {
                return Self.systemMessage()
            }
        }
        return nil
    }

    /// A pipe that nobody reads must not hold up the end of the program.
    private func waitForReader() -> Bool {
        var descriptor = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&descriptor, 1, 500) != 0
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

    /// Waits until no other program writes. A file system that knows no locks has one writer.
    private func lock() {
        while flock(self.descriptor, LOCK_EX) != 0, errno == EINTR {}
    }

    private func unlock() {
        flock(self.descriptor, LOCK_UN)
    }

    // MARK: Rotation

    /// Moves the file away if the line would make it too large; whoever appends has to open the path anew then.
    ///
    /// Every program that rotates holds the lock of the file that is at the path, so they never do it at once.
    ///
    /// - Parameter adding: The line's bytes, its end included.
    /// - Returns: Whether the file was moved.
    /// - Throws: ``LogError`` `cannotRotate`; the file is still at its path then, and can be appended to.
    func rotate(_ rotation: LogRotation, path: String, adding count: Int) throws(LogError) -> Bool {
        guard self.isRegular else { return false }
        self.lock()
        defer { self.unlock() }
        // Another program has done it while this one waited.
        guard self.isStill(at: path) else { return true }
        let size = Int(lseek(self.descriptor, 0, SEEK_END))
        guard size > 0, size + count > rotation.maximumSize else { return false }

        let place = Self.resolved(path)
        func name(_ number: Int) -> String { number == 0 ? place : "\(place).\(number)" }
        fdatasync(self.descriptor)
        for move in rotation.moves(exists: { number in unsafe access(name(number), F_OK) == 0 }) {
            guard unsafe rename(name(move.from), name(move.to)) == 0 else {
                let target = name(move.to)
                throw LogError(
                    code: .cannotRotate, path: path,
                    message: "cannot rename the full log to \(target): make the folder writable; it grows on",
                    cause: Self.systemMessage())
            }
        }
        return true
    }

    /// Makes names last that are new in the path's folder.
    static func synchronizeFolder(of path: String) {
        let place = Self.resolved(path)
        let folder = place.lastIndex(of: "/").map { place[...$0] } ?? "./"
        let descriptor = unsafe Glibc.open(String(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// Where the path leads, through links: old files stand beside the file itself.
    private static func resolved(_ path: String) -> String {
        guard let resolved = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    // MARK: Repair

    /// Cuts off what follows the last line end, or ends the line where only that was lost.
    ///
    /// - Returns: `false` when what follows was never a record.
    private func repairLastLine() -> Bool {
        self.lock()
        defer { self.unlock() }
        let size = lseek(self.descriptor, 0, SEEK_END)
        guard let start = self.lastLineStart(size: size), start < size else { return true }
        switch TornLine(self.read(at: start, count: Int(min(size - start, off_t(TornLine.maximumByteCount) + 1)))) {
        case .foreign: return false
        case .torn: ftruncate(self.descriptor, start)
        case .complete: _ = self.write([UInt8(ascii: "\n")])
        }
        return true
    }

    /// Where the line begins that the file ends with: its size, when that is whole.
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

    private static func systemMessage(_ code: CInt = errno) -> String {
        unsafe String(cString: strerror(code))
    }
}
