import GerundCore
import GerundStream
import Glibc
import Synchronization

/// A TCP server on the loopback interface that answers as a test prescribes, one connection after the other.
///
///     let server = try LoopbackTCPServer { _ in Array("HTTP/1.1 404 Not Found\r\n\r\n".utf8) }
///     defer { server.stop() }
public final class LoopbackTCPServer: Sendable {
    /// The port it listens on, chosen by the system.
    public let port: UInt16
    private let listener: Int32
    private let isStopped = Atomic(false)
    private let connections = Atomic(0)

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - closesAfterAnswer: Whether a connection is closed after the first answer.
    ///   - answer: Receives each request up to its empty line and returns the bytes to send. With `nil`, the connection
    ///     stays open and silent, which is the default.
    /// - Throws: `SystemError`, or `ThreadCreationError`.
    public init(
        closesAfterAnswer: Bool = false, _ answer: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }
    ) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw SystemError.last }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, size) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard isListening else {
            let error = SystemError.last
            close(listener)
            throw error
        }
        self.listener = listener
        self.port = UInt16(bigEndian: address.sin_port)
        try DedicatedThread.start(name: "loopback") { [self] in
            while let connection = self.accept() {
                self.connections.add(1, ordering: .relaxed)
                self.serve(connection, closesAfterAnswer, answer)
                close(connection)
            }
        }
    }

    /// The number of connections so far.
    public var connectionCount: Int { self.connections.load(ordering: .relaxed) }

    /// Stops the server: new connections are refused at once, an open one is closed within 20 ms.
    public func stop() {
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
