import GerundStream
import Glibc
import Synchronization

/// A server on loopback that does what a test says, one connection after the other.
final class LoopbackServer: Sendable {
    struct Failure: Error {}

    let port: UInt16
    private let listener: Int32
    private let isStopped = Atomic(false)
    private let connections = Atomic(0)
    private let thread = Mutex<CaptureThread?>(nil)

    /// - Parameter answer: Is given each request up to its empty line and returns the bytes to send; with `nil`, the
    ///   connection stays open and silent. What it returns for an empty request, on connecting, is not sent.
    init(closesAfterAnswer: Bool = false, _ answer: @escaping @Sendable (String) -> [UInt8]?) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { address in
            let generic = unsafe UnsafeMutableRawPointer(address).assumingMemoryBound(to: sockaddr.self)
            guard unsafe bind(listener, generic, size) == 0, listen(listener, 8) == 0 else { return Int32(-1) }
            return unsafe getsockname(listener, generic, &size)
        }
        guard listener >= 0, status == 0 else { throw Failure() }
        self.listener = listener
        self.port = UInt16(bigEndian: address.sin_port)
        let thread = CaptureThread.start(name: "server") { [self] in
            while let connection = self.accept() {
                self.connections.add(1, ordering: .relaxed)
                self.serve(connection, closesAfterAnswer, answer)
                close(connection)
            }
        }
        self.thread.withLock { $0 = thread }
    }

    var connectionCount: Int { self.connections.load(ordering: .relaxed) }

    /// Ends the server; a connection that is being served is closed within a moment.
    func stop() {
        self.isStopped.store(true, ordering: .releasing)
        shutdown(self.listener, Int32(SHUT_RDWR))
    }

    private func accept() -> Int32? {
        while !self.isStopped.load(ordering: .acquiring) {
            guard self.isReadable(self.listener) else { continue }
            let connection = Glibc.accept(self.listener, nil, nil)
            if connection >= 0 { return connection }
        }
        close(self.listener)
        return nil
    }

    private func serve(_ connection: Int32, _ closesAfterAnswer: Bool, _ answer: (String) -> [UInt8]?) {
        var request = ""
        while !self.isStopped.load(ordering: .acquiring) {
            guard self.isReadable(connection) else { continue }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = unsafe read(connection, &bytes, bytes.count)
            guard count > 0 else { return }
            request += String(decoding: bytes[..<count], as: UTF8.self)
            guard request.contains("\r\n\r\n") else { continue }
            if let bytes = answer(request) {
                _ = unsafe send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                if closesAfterAnswer { return }
            }
            request = ""
        }
    }

    private func isReadable(_ descriptor: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&request, 1, 20) > 0
    }
}

func writeFile(_ path: String, _ text: String) throws {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard file >= 0 else { throw LoopbackServer.Failure() }
    defer { close(file) }
    let bytes = Array(text.utf8)
    guard unsafe write(file, bytes, bytes.count) == bytes.count else { throw LoopbackServer.Failure() }
}

func removeFile(_ path: String) {
    _ = unsafe unlink(path)
}

/// The bytes of a file; empty when it can't be read.
func readFile(_ path: String) -> [UInt8] {
    let file = unsafe open(path, O_RDONLY)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = unsafe read(file, &bytes, bytes.count)
    return Array(bytes.prefix(max(0, count)))
}

/// How many entries a folder has.
func entryCount(_ path: String) -> Int {
    guard let folder = unsafe opendir(path) else { return 0 }
    defer { unsafe closedir(folder) }
    var count = 0
    while unsafe readdir(folder) != nil { count += 1 }
    return count
}

func makePipe(_ path: String) {
    _ = unsafe mkfifo(path, 0o600)
}
