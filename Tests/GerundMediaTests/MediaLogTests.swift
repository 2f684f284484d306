import GerundCore
import GerundStream
import Logging
import Synchronization
import Testing

@testable import GerundMedia

@Suite("libav's log")
struct MediaLogTests {
    /// Keeps what is logged.
    private struct MemoryHandler: LogHandler {
        final class Lines: Sendable {
            let lines = Mutex<[(level: Logger.Level, text: String, source: String)]>([])
        }

        let lines = Lines()
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .warning

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let source = event.metadata?["source"].map { "\($0)" } ?? ""
            self.lines.lines.withLock { $0.append((event.level, "\(event.message)", source)) }
        }
    }

    @Test("goes to swift-log with the source's name, on one line, without credentials")
    func lines() async throws {
        let handler = MemoryHandler()
        MediaLog.send(to: Logger(label: "ffmpeg") { _ in handler })
        let server = try LoopbackServer { request in
            // The request's own line comes back in libav's complaint.
            Array("RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n".utf8)
        }
        defer { server.stop() }
        let address = "rtsp://watcher:Gl%40sperlenspiel@127.0.0.1:\(server.port)/1#name=log-test"
        _ = try await capture(address)
        let lines = handler.lines.lines.withLock { $0 }.filter { $0.source == "log-test" }
        #expect(lines.contains { $0.level == .error && $0.text.contains("401 Unauthorized") })
        #expect(lines.allSatisfy { !$0.text.contains("sperlenspiel") && !$0.text.contains("\n") })
        #expect(lines.allSatisfy { !$0.text.contains(" @ 0x") })
    }

    @Test("has levels that swift-log knows")
    func levels() {
        #expect(LibAVLog.level(of: 0) == .critical)
        #expect(LibAVLog.level(of: 16) == .error)
        #expect(LibAVLog.level(of: 24) == .warning)
        #expect(LibAVLog.level(of: 32) == .info)
        #expect(LibAVLog.level(of: 40) == .debug)
        #expect(LibAVLog.level(of: 48) == .trace)
    }
}
