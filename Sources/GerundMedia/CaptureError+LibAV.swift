import CFFmpeg
import GerundCore
import GerundStream

extension CaptureError {
    /// The operation in which libav failed: the same code means different things.
    enum Phase: Hashable {
        case opening
        case reading
    }

    /// Creates an error from one of libav.
    ///
    /// This is the only mapping of libav's codes.
    ///
    /// - Parameters:
    ///   - error: The error of libav.
    ///   - address: The source.
    ///   - phase: The operation that failed.
    ///   - recentErrors: The errors that libav has logged meanwhile, without credentials, oldest first. The last one
    ///     becomes the cause. libav's text for the code becomes the cause only where this file has no message for it.
    init(_ error: LibAVError, at address: SourceAddress, while phase: Phase, recentErrors: [String] = []) {
        let failure =
            Self.failure(fromLog: recentErrors, kind: address.kind)
            ?? Self.failure(of: error, at: address, while: phase)
        // Redundant with the message: `[tcp] Connection to tcp://cam:554?timeout=15000000 failed: Connection refused`.
        let others = recentErrors.filter { !$0.hasPrefix("[tcp] Connection to ") }
        let cause = (failure == nil ? recentErrors : others).last ?? (failure == nil ? error.message : nil)
        let unknown: Failure =
            phase == .reading ? (.disconnected, true, "reading failed") : (.unsupported, true, "cannot open the source")
        let (code, isTransient, message) = failure ?? unknown
        self.init(
            code: code, source: address.id, message: message,
            cause: cause.map { LibraryError(address.redactor.redact($0)) }, isTransient: isTransient)
    }

    private typealias Failure = (code: Code, isTransient: Bool, message: String)

    /// Returns the failure for errors that only libav's log messages distinguish.
    private static func failure(fromLog recentErrors: [String], kind: SourceAddress.Kind) -> Failure? {
        func contains(_ text: String) -> Bool { recentErrors.contains { $0.contains(text) } }
        switch kind {
        case .file where contains("moov atom not found"), .standardInput where contains("moov atom not found"):
            return (
                .invalidData, false,
                "incomplete MP4: the moov atom is missing (recording interrupted or still in progress)"
            )
        case .standardInput where contains("partial file"):
            return (
                .unsupported, false,
                "the MP4 index is at the end of the file, which can't be read from a pipe; pass the path instead"
            )
        case .http where contains("Stream ends prematurely"):
            return (
                .disconnected, true,
                "the server closed the connection before the end of the file; without range support the file needs its "
                    + "MP4 index at the start (-movflags faststart)"
            )
        case .device where contains("Not a video capture device"):
            return (.invalidData, true, "not a capture device; `gerund devices` lists capture devices")
        default:
            return nil
        }
    }

    private static func failure(of error: LibAVError, at address: SourceAddress, while phase: Phase) -> Failure? {
        let (status, kind) = (error.status, address.kind)
        if kind == .device, let failure = self.deviceFailure(status, address.options, phase) { return failure }
        if kind == .lavfi, phase == .opening {
            return (.invalidAddress, false, "invalid filter graph; example: test:testsrc2=size=640x480:rate=25")
        }
        return self.networkFailure(status, phase) ?? self.streamFailure(error) ?? self.fileFailure(status, kind)
    }

    private static func deviceFailure(_ status: Int32, _ options: SourceOptions, _ phase: Phase) -> Failure? {
        switch status {
        case gerund_averror(ENOENT), gerund_averror(ENODEV), gerund_averror(ENXIO):
            return phase == .opening
                ? (.notFound, true, "no such device; `gerund devices` lists connected devices")
                : (.disconnected, true, "the device was unplugged")
        case gerund_averror(EACCES), gerund_averror(EPERM):
            return (.unauthorized, false, "permission denied; add this user to the group 'video'")
        case gerund_averror(EBUSY):
            return (.busy, true, "the device is in use; close the other program first")
        case gerund_averror(ENOTTY):
            return (.invalidData, false, "not a V4L2 capture device; `gerund devices` lists capture devices")
        case gerund_averror(EINVAL) where options.size == nil && options.fps == nil && options.format == nil:
            return (.unsupported, true, "cannot start the device; try a size and format from `gerund devices`")
        case gerund_averror(EINVAL):
            return (
                .invalidAddress, false,
                "the device doesn't support this size, frame rate or format; `gerund devices` lists supported ones"
            )
        default:
            return nil
        }
    }

    private static func networkFailure(_ status: Int32, _ phase: Phase) -> Failure? {
        switch status {
        case gerund_error_http_unauthorized:
            return (.unauthorized, false, "the server rejected the user name or password")
        case gerund_error_http_forbidden:
            return (.unauthorized, false, "the server denied access; check the user's permissions")
        case gerund_error_http_not_found:
            return (.notFound, true, "the server has no such stream; check the path of the URL")
        case gerund_error_http_bad_request, gerund_error_http_other_4xx:
            return (.unsupported, true, "the server rejected the request; check the URL")
        case gerund_error_http_server_error:
            return (.unreachable, true, "the server reported an internal error; check its log or restart it")
        case gerund_averror(ECONNREFUSED):
            return (.unreachable, true, "connection refused; check the port and that the server is running")
        case gerund_averror(EHOSTUNREACH), gerund_averror(ENETUNREACH), gerund_averror(ENETDOWN),
            gerund_averror(EHOSTDOWN), gerund_averror(EADDRNOTAVAIL):
            return (.unreachable, true, "the host is unreachable; check the address and the network")
        case gerund_averror(ETIMEDOUT):
            return (.timedOut, true, "the host doesn't respond; check the address and the network")
        case gerund_averror(ECONNRESET), gerund_averror(ECONNABORTED), gerund_averror(EPIPE),
            gerund_averror(ENOTCONN):
            return (phase == .opening ? .unreachable : .disconnected, true, "the host closed the connection")
        default:
            return nil
        }
    }

    private static func streamFailure(_ error: LibAVError) -> Failure? {
        switch error.status {
        case gerund_error_stream_not_found:
            return (.invalidData, false, "no video stream found")
        case gerund_error_decoder_not_found, gerund_error_patch_welcome:
            return (.unsupported, false, "no decoder for this codec; use H.264, H.265 or MJPEG")
        case gerund_averror(ENOSYS) where error.function.hasPrefix("sws"):
            return (.unsupported, false, "unsupported pixel format")
        case gerund_error_demuxer_not_found:
            return (.invalidAddress, false, "unknown format in option 'format'; `ffmpeg -formats` lists known ones")
        case gerund_error_protocol_not_found:
            return (.unsupported, false, "the installed FFmpeg doesn't support this protocol")
        case gerund_averror(ENOMEM):
            return (.unsupported, true, "not enough memory for a frame")
        default:
            return nil
        }
    }

    private static func fileFailure(_ status: Int32, _ kind: SourceAddress.Kind) -> Failure? {
        switch status {
        case gerund_averror(ENOENT), gerund_averror(ENOTDIR):
            return (.notFound, true, "no such file")
        case gerund_averror(EISDIR):
            return (.invalidData, false, "this is a directory; pass a file in it")
        case gerund_averror(EACCES), gerund_averror(EPERM):
            return (.unauthorized, false, "permission denied; check the permissions of the file")
        case gerund_averror(ELOOP), gerund_averror(ENAMETOOLONG):
            return (.notFound, false, "invalid path")
        case gerund_averror(EMFILE), gerund_averror(ENFILE):
            return (.busy, true, "too many open files; raise the limit (ulimit -n)")
        case gerund_averror(EIO):
            return kind == .file || kind == .standardInput
                ? (.disconnected, false, "cannot read the file; the disk may be damaged")
                : (.unreachable, true, "the connection failed; check the address and the network")
        case gerund_error_invalid_data where kind == .rtsp || kind == .http:
            return (.invalidData, true, "the server's response is not a video; check the URL and the port")
        case gerund_error_eof where kind == .rtsp || kind == .http:
            return (.unreachable, true, "the server closed the connection; check the URL and the port")
        case gerund_error_invalid_data:
            return (.invalidData, false, "not a video that FFmpeg can read, or its beginning is damaged")
        case gerund_error_eof:
            return (.invalidData, false, "the stream ended before the first frame")
        default:
            return nil
        }
    }

    /// Returns the error for an operation that exceeded its deadline.
    static func timedOut(_ address: SourceAddress, while phase: Phase, after timeout: Duration) -> CaptureError {
        let seconds = timeout.seconds.shortDescription
        let message =
            phase == .opening
            ? "no data within \(seconds) s of opening; check the address and the network"
            : "no packet for \(seconds) s"
        return CaptureError(code: .timedOut, source: address.id, message: message, isTransient: true)
    }
}
