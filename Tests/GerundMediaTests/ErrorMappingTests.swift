import CFFmpeg
import GerundStream
import Testing

@testable import GerundMedia

@Suite("libav's error codes")
struct ErrorMappingTests {
    private static let cases: [(String, Int32, CaptureError.Code, String)] = [
        ("a.mp4", gerund_averror(ENOENT), .notFound, "no such file"),
        ("a.mp4", gerund_averror(EACCES), .unauthorized, "permissions"),
        ("a.mp4", gerund_averror(EISDIR), .notAVideo, "folder"),
        ("a.mp4", gerund_averror(EIO), .lost, "disk"),
        ("a.mp4", gerund_averror(EMFILE), .busy, "ulimit -n"),
        ("a.mp4", gerund_error_invalid_data, .notAVideo, "not a video"),
        ("a.mp4", gerund_error_eof, .notAVideo, "before the first picture"),
        ("a.mp4", gerund_error_stream_not_found, .notAVideo, "no video stream"),
        ("a.mp4", gerund_error_decoder_not_found, .unsupported, "H.264"),
        ("a.mp4", gerund_error_demuxer_not_found, .usage, "format"),
        ("a.mp4", -999_999, .unsupported, "can't be opened"),
        ("/dev/video0", gerund_averror(ENOENT), .notFound, "gerund devices"),
        ("/dev/video0", gerund_averror(EACCES), .unauthorized, "group 'video'"),
        ("/dev/video0", gerund_averror(EBUSY), .busy, "another program"),
        ("/dev/video0", gerund_averror(EINVAL), .unsupported, "gerund devices"),
        ("/dev/video0#size=1x1", gerund_averror(EINVAL), .usage, "no such size"),
        ("/dev/video0", gerund_averror(ENOTTY), .notAVideo, "no V4L2"),
        ("rtsp://cam/1", gerund_averror(ECONNREFUSED), .unreachable, "port"),
        ("rtsp://cam/1", gerund_averror(EHOSTUNREACH), .unreachable, "network"),
        ("rtsp://cam/1", gerund_averror(ETIMEDOUT), .timedOut, "doesn't answer"),
        ("rtsp://cam/1", gerund_averror(ECONNRESET), .unreachable, "closed"),
        ("rtsp://cam/1", gerund_averror(EIO), .unreachable, "connection failed"),
        ("rtsp://cam/1", gerund_error_http_unauthorized, .unauthorized, "password"),
        ("rtsp://cam/1", gerund_error_http_forbidden, .unauthorized, "forbids"),
        ("rtsp://cam/1", gerund_error_http_not_found, .notFound, "path"),
        ("rtsp://cam/1", gerund_error_http_other_4xx, .unsupported, "refuses"),
        ("rtsp://cam/1", gerund_error_http_server_error, .unreachable, "server"),
        ("rtsp://cam/1", gerund_error_invalid_data, .notAVideo, "the server answers"),
        ("test:foo", gerund_averror(EINVAL), .usage, "test graph"),
    ]

    @Test("become ours, with a sentence of what to do", arguments: cases)
    func table(address: String, code: Int32, expected: CaptureError.Code, words: String) throws {
        let error = CaptureError(
            LibAVError(function: "avformat_open_input", code: code), at: try SourceAddress(address), while: .opening)
        #expect(error.code == expected)
        #expect(error.message.contains(words), "\(error)")
        #expect(!error.description.contains("\n"))
    }

    private static let complaints: [(String, String, CaptureError.Code, String)] = [
        ("a.mp4", "[mov] moov atom not found", .notAVideo, "incomplete"),
        ("-", "[mov] stream 0, offset 0x30: partial file", .unsupported, "give the file's path"),
        ("http://host/a.mp4", "[http] Stream ends prematurely at 48, should be 100", .lost, "Range"),
        ("/dev/video9", "[video4linux2,v4l2] Not a video capture device.", .notAVideo, "captures nothing"),
    ]

    @Test("say more when libav's log does", arguments: complaints)
    func fromLog(address: String, complaint: String, code: CaptureError.Code, words: String) throws {
        let error = CaptureError(
            LibAVError(function: "avformat_open_input", code: gerund_error_invalid_data),
            at: try SourceAddress(address), while: .opening, complaints: [complaint])
        #expect(error.code == code)
        #expect(error.message.contains(words))
        #expect(error.cause == complaint)
    }

    @Test("don't say twice that a connection failed")
    func connection() throws {
        let complaint = "[tcp] Connection to tcp://cam:554?timeout=15000000 failed: Connection refused"
        func cause(_ complaints: [String], _ code: Int32) throws -> String? {
            CaptureError(
                LibAVError(function: "avformat_open_input", code: code), at: try SourceAddress("rtsp://cam/1"),
                while: .opening, complaints: complaints
            ).cause
        }
        #expect(try cause([complaint], gerund_averror(ECONNREFUSED)) == nil)
        #expect(try cause(["[rtsp] odd", complaint], gerund_averror(ECONNREFUSED)) == "[rtsp] odd")
        // An error for which there is no sentence of ours.
        #expect(try cause([complaint], gerund_averror(EDOM)) == complaint)
    }

    @Test("carry libav's complaint without credentials")
    func redactsCause() throws {
        let error = CaptureError(
            LibAVError(function: "avformat_open_input", code: gerund_averror(ECONNREFUSED)),
            at: try SourceAddress("rtsp://me:geheim@cam/1"), while: .opening,
            complaints: ["[tcp] rtsp://me:geheim@cam/1 failed for geheim"])
        #expect(error.cause == "[tcp] rtsp://***@cam/1 failed for ***")
    }
}
