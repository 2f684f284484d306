import GerundCore
import GerundStream
import Glibc
import Synchronization

/// Resolves a host name in a way that can be interrupted.
///
/// libav resolves names too, but blocks in the C library, which no interrupt reaches: for many seconds if the name
/// server is down. Resolving beforehand on a dedicated thread allows that thread to be abandoned; it ends by itself.
enum HostResolver {
    private final class Answer: Sendable {
        let status = Mutex<Int32?>(nil)
    }

    /// Returns when the host of a URL has been resolved, or at once if it is an IP address.
    ///
    /// Returns silently if the interrupt token is cancelled.
    ///
    /// - Throws: ``CaptureError`` if the host is unknown or the deadline of `interrupt` has passed.
    static func resolve(
        _ address: SourceAddress, interrupt: InterruptToken, timeout: Duration
    ) throws(CaptureError) {
        guard address.kind == .rtsp || address.kind == .http, let url = LenientURL(address.location.reveal()) else {
            return
        }
        // A proxy may know hosts that this machine doesn't.
        if address.kind == .http, unsafe getenv("http_proxy") != nil { return }
        let host = String(url.host)
        if Self.lookUp(host, flags: AI_NUMERICHOST) == 0 { return }
        let answer = Answer()
        let thread = try? DedicatedThread.start(name: "resolver") {
            let status = Self.lookUp(host, flags: 0)
            answer.status.withLock { $0 = status }
        }
        // Without a thread, libav resolves the name.
        guard thread != nil else { return }
        var delay: Duration = .milliseconds(1)
        while true {
            if let status = answer.status.withLock({ $0 }) {
                if status == 0 { return }
                throw CaptureError(
                    code: .unreachable, source: address.id,
                    message: "unknown host '\(host.sanitized)'; check its name and the network",
                    cause: unsafe gai_strerror(status).map { unsafe LibraryError(String(cString: $0)) },
                    isTransient: true)
            }
            guard interrupt.sleep(for: delay) else { return }
            if interrupt.reason == .timedOut { throw .timedOut(address, while: .opening, after: timeout) }
            delay = min(delay * 2, .milliseconds(20))
        }
    }

    private static func lookUp(_ host: String, flags: Int32) -> Int32 {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = flags
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, nil, &hints, &found)
        if let found = unsafe found { unsafe freeaddrinfo(found) }
        return status
    }
}
