import GerundCore
import GerundStream
import Glibc
import Synchronization

/// Asks for a host's address where it can be interrupted.
///
/// libav asks too, but blocks in the C library, where no interrupt reaches: with a dead name server for many seconds.
/// Asked beforehand on a thread of its own, that thread can be left behind; it ends by itself.
enum HostLookup {
    private final class Answer: Sendable {
        let status = Mutex<Int32?>(nil)
    }

    /// Returns when the host of a URL has an address, or at once when it is one.
    ///
    /// - Throws: When it has none, or the deadline of `interrupt` has passed. Returns silently when cancelled.
    static func run(_ address: SourceAddress, interrupt: Interrupt, timeout: Duration) throws(CaptureError) {
        guard address.kind == .rtsp || address.kind == .http, let url = URLParts(address.location.reveal()) else {
            return
        }
        // A proxy may know hosts that this machine doesn't.
        if address.kind == .http, unsafe getenv("http_proxy") != nil { return }
        let host = String(url.host)
        if Self.lookUp(host, flags: AI_NUMERICHOST) == 0 { return }
        let answer = Answer()
        let thread = CaptureThread.start(name: "lookup") {
            let status = Self.lookUp(host, flags: 0)
            answer.status.withLock { $0 = status }
        }
        guard thread != nil else { return }
        var pause: Duration = .milliseconds(1)
        while true {
            if let status = answer.status.withLock({ $0 }) {
                if status == 0 { return }
                throw CaptureError(
                    code: .unreachable, source: address.id,
                    message: "the host '\(host.withoutControlCharacters)' is unknown; check its name and the network",
                    cause: unsafe gai_strerror(status).map { unsafe String(cString: $0) }, isTransient: true)
            }
            guard interrupt.pause(pause) else { return }
            if interrupt.reason == .timedOut { throw .timedOut(address, while: .opening, after: timeout) }
            pause = min(pause * 2, .milliseconds(20))
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
