import CFFmpeg
import GerundCore
import GerundStream
import Testing

@testable import GerundMedia

@Suite("CaptureError from libav")
struct CaptureErrorTests {
    private static let cases: [(String, Int32, CaptureError.Code, String)] = [
        ("a.mp4", gerund_averror(ENOENT), .notFound, "no such file"),
        ("a.mp4", gerund_averror(EACCES), .unauthorized, "permissions"),
        ("a.mp4", gerund_averror(EISDIR), .invalidData, "directory"),
        ("a.mp4", gerund_averror(EIO), .disconnected, "disk"),
        ("a.mp4", gerund_averror(EMFILE), .busy, "ulimit -n"),
        ("a.mp4", gerund_error_invalid_data, .invalidData, "not a video"),
        ("a.mp4", gerund_error_eof, .invalidData, "before the first frame"),
        ("a.mp4", gerund_error_stream_not_found, .invalidData, "no video stream"),
        ("a.mp4", gerund_error_decoder_not_found, .unsupported, "H.264"),
        ("a.mp4", gerund_error_demuxer_not_found, .invalidAddress, "format"),
        ("a.mp4", -999_999, .unsupported, "cannot open"),
        ("/dev/video0", gerund_averror(ENOENT), .notFound, "gerund devices"),
        ("/dev/video0", gerund_averror(EACCES), .unauthorized, "group 'video'"),
        ("/dev/video0", gerund_averror(EBUSY), .busy, "in use"),
        ("/dev/video0", gerund_averror(EINVAL), .unsupported, "gerund devices"),
        ("/dev/video0#size=1x1", gerund_averror(EINVAL), .invalidAddress, "doesn't support this size"),
        ("/dev/video0", gerund_averror(ENOTTY), .invalidData, "not a V4L2"),
        ("rtsp://cam/1", gerund_averror(ECONNREFUSED), .unreachable, "port"),
        ("rtsp://cam/1", gerund_averror(EHOSTUNREACH), .unreachable, "network"),
        ("rtsp://cam/1", gerund_averror(ETIMEDOUT), .timedOut, "doesn't respond"),
        ("rtsp://cam/1", gerund_averror(ECONNRESET), .unreachable, "closed"),
        ("rtsp://cam/1", gerund_averror(EIO), .unreachable, "connection failed"),
        ("rtsp://cam/1", gerund_error_http_unauthorized, .unauthorized, "password"),
        ("rtsp://cam/1", gerund_error_http_forbidden, .unauthorized, "denied"),
        ("rtsp://cam/1", gerund_error_http_not_found, .notFound, "path"),
        ("rtsp://cam/1", gerund_error_http_other_4xx, .unsupported, "rejected"),
        ("rtsp://cam/1", gerund_error_http_server_error, .unreachable, "server"),
        ("rtsp://cam/1", gerund_error_invalid_data, .invalidData, "the server's response"),
        ("test:foo", gerund_averror(EINVAL), .invalidAddress, "filter graph"),
    ]

    @Test("Maps each code to a kind of failure and a message", arguments: cases)
    func table(address: String, code: Int32, expected: CaptureError.Code, words: String) throws {
        let error = CaptureError(
            LibAVError(function: "avformat_open_input", status: code), at: try SourceAddress(address), while: .opening)
        #expect(error.code == expected)
        #expect(error.message.contains(words), "\(error)")
        #expect(!error.description.contains("\n"))
        #expect(error.description.hasPrefix("\(expected.name): \(error.source): \(error.message)"))
    }

    private static let recentErrors: [(String, String, CaptureError.Code, String)] = [
        ("a.mp4", "[mov] moov atom not found", .invalidData, "incomplete"),
        ("-", "[mov] stream 0, offset 0x30: partial file", .unsupported, "pass the path"),
        ("http://host/a.mp4", "[http] Stream ends prematurely at 48, should be 100", .disconnected, "range support"),
        ("/dev/video9", "[video4linux2,v4l2] Not a video capture device.", .invalidData, "not a capture device"),
    ]

    @Test("Prefers failures that only libav's log distinguishes", arguments: recentErrors)
    func fromLog(address: String, logged: String, code: CaptureError.Code, words: String) throws {
        let error = CaptureError(
            LibAVError(function: "avformat_open_input", status: gerund_error_invalid_data),
            at: try SourceAddress(address), while: .opening, recentErrors: [logged])
        #expect(error.code == code)
        #expect(error.message.contains(words))
        #expect(error.libraryError?.description == logged)
    }

    @Test("Omits a cause that repeats the message")
    func connection() throws {
        let logged = "[tcp] Connection to tcp://cam:554?timeout=15000000 failed: Connection refused"
        func cause(_ recentErrors: [String], _ code: Int32) throws -> String? {
            CaptureError(
                LibAVError(function: "avformat_open_input", status: code), at: try SourceAddress("rtsp://cam/1"),
                while: .opening, recentErrors: recentErrors
            ).libraryError?.description
        }
        #expect(try cause([logged], gerund_averror(ECONNREFUSED)) == nil)
        #expect(try cause(["[rtsp] odd", logged], gerund_averror(ECONNREFUSED)) == "[rtsp] odd")
        // A code without a message of its own.
        #expect(try cause([logged], gerund_averror(EDOM)) == logged)
    }

    @Test("Removes credentials from the cause")
    func redactsCause() throws {
        let error = CaptureError(
            LibAVError(function: "avformat_open_input", status: gerund_averror(ECONNREFUSED)),
            at: try SourceAddress("rtsp://me:geheim@cam/1"), while: .opening,
            recentErrors: ["[tcp] rtsp://me:geheim@cam/1 failed for geheim"])
        #expect(error.libraryError?.description == "[tcp] rtsp://***@cam/1 failed for ***")
    }
}
