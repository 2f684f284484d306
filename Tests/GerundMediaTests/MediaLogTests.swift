import GerundCore
import GerundStream
import GerundTesting
import Logging
import Testing

@testable import GerundMedia

@Suite("MediaLog")
struct MediaLogTests {
    @Test("Forwards libav's log with the source's name, on one line, without credentials")
    func lines() async throws {
        let handler = RecordingLogHandler(logLevel: .warning)
        MediaLog.send(to: Logger(label: "ffmpeg") { _ in handler })
        let server = try LoopbackTCPServer { request in
            // libav logs the URL of the request.
            Array("RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n".utf8)
        }
        defer { server.stop() }
        let address = "rtsp://watcher:Gl%40sperlenspiel@127.0.0.1:\(server.port)/1#name=log-test"
        _ = try await capture(address)
        let lines = handler.messages.filter { $0.metadata["source"] == "log-test" }
        #expect(lines.contains { $0.level == .error && $0.text.contains("401 Unauthorized") })
        #expect(lines.allSatisfy { !$0.text.contains("sperlenspiel") && !$0.text.contains("\n") })
        #expect(lines.allSatisfy { !$0.text.contains(" @ 0x") })
    }

    @Test("Maps libav's levels to those of swift-log")
    func levels() {
        #expect(LibAVLog.level(of: 0) == .critical)
        #expect(LibAVLog.level(of: 16) == .error)
        #expect(LibAVLog.level(of: 24) == .warning)
        #expect(LibAVLog.level(of: 32) == .info)
        #expect(LibAVLog.level(of: 40) == .debug)
        #expect(LibAVLog.level(of: 48) == .trace)
    }
}
