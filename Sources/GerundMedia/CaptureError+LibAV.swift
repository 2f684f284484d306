import CFFmpeg
import GerundCore
import GerundStream

extension CaptureError {
    /// What was being done when libav failed: the same code means different things.
    enum Phase: Hashable {
        case opening
        case reading
    }

    /// The one place where libav's codes become ours.
    ///
    /// - Parameters:
    ///   - complaints: What libav logged meanwhile, without credentials, oldest first. The last one becomes the
    ///     cause; libav's words for the code only where ours say less.
    init(_ error: LibAVError, at address: SourceAddress, while phase: Phase, complaints: [String] = []) {
        let failure =
            Self.failure(of: complaints, kind: address.kind)
            ?? Self.failure(of: error, at: address, while: phase)
        // Where ours say the same: `[tcp] Connection to tcp://cam:554?timeout=15000000 failed: Connection refused`.
        let others = complaints.filter { !$0.hasPrefix("[tcp] Connection to ") }
        let cause = (failure == nil ? complaints : others).last ?? (failure == nil ? error.description : nil)
        let unknown: Failure =
            phase == .reading ? (.lost, true, "reading failed") : (.unsupported, true, "it can't be opened")
        let (code, isTransient, message) = failure ?? unknown
        self.init(
            code: code, source: address.id, message: message,
            cause: cause.map { address.redactor.redact($0) }, isTransient: isTransient)
    }

    private typealias Failure = (code: Code, isTransient: Bool, message: String)

    /// What only libav's log tells: one code stands for many faults.
    private static func failure(of complaints: [String], kind: SourceAddress.Kind) -> Failure? {
        func complains(_ words: String) -> Bool { complaints.contains { $0.contains(words) } }
        switch kind {
        case .file where complains("moov atom not found"), .standardInput where complains("moov atom not found"):
            return (
                .notAVideo, false,
                "the file is incomplete: its index (moov) is missing; the recording was cut off or still runs"
            )
        case .standardInput where complains("partial file"):
            return (
                .unsupported, false,
                "its index stands at the end, which a pipe can't reach first; give the file's path instead"
            )
        case .http where complains("Stream ends prematurely"):
            return (
                .lost, true,
                "the server broke off; if it can't send parts of a file (Range), the index must stand at the start"
            )
        case .device where complains("Not a video capture device"):
            return (.notAVideo, true, "the device captures nothing; `gerund devices` lists those that do")
        default:
            return nil
        }
    }

    private static func failure(of error: LibAVError, at address: SourceAddress, while phase: Phase) -> Failure? {
        let kind = address.kind
        if kind == .device, let failure = self.deviceFailure(error.code, address.options, phase) { return failure }
        if kind == .test, phase == .opening {
            return (.usage, false, "the test graph is wrong; write for example test:testsrc2=size=640x480:rate=25")
        }
        return self.networkFailure(error.code, phase) ?? self.streamFailure(error) ?? self.fileFailure(error.code, kind)
    }

    private static func deviceFailure(_ code: Int32, _ options: SourceOptions, _ phase: Phase) -> Failure? {
        switch code {
        case gerund_averror(ENOENT), gerund_averror(ENODEV), gerund_averror(ENXIO):
            return phase == .opening
                ? (.notFound, true, "no such device; `gerund devices` lists those that are there")
                : (.lost, true, "the device was unplugged")
        case gerund_averror(EACCES), gerund_averror(EPERM):
            return (.unauthorized, false, "not allowed to open the device; add this user to the group 'video'")
        case gerund_averror(EBUSY):
            return (.busy, true, "another program is using the device; close that one first")
        case gerund_averror(ENOTTY):
            return (.notAVideo, false, "this is no V4L2 capture device; `gerund devices` lists those that are there")
        case gerund_averror(EINVAL) where options.size == nil && options.rate == nil && options.format == nil:
            return (.unsupported, true, "the device refuses to start; try a size and format of `gerund devices`")
        case gerund_averror(EINVAL):
            return (.usage, false, "the device has no such size, rate or format; `gerund devices` lists what it has")
        default:
            return nil
        }
    }

    private static func networkFailure(_ code: Int32, _ phase: Phase) -> Failure? {
        switch code {
        case gerund_error_http_unauthorized:
            return (.unauthorized, false, "the server refuses the user name or password")
        case gerund_error_http_forbidden:
            return (.unauthorized, false, "the server forbids the access; check the user's rights there")
        case gerund_error_http_not_found:
            return (.notFound, true, "the server has no such stream; check the path of the URL")
        case gerund_error_http_bad_request, gerund_error_http_other_4xx:
            return (.unsupported, true, "the server refuses the request; check the URL")
        case gerund_error_http_server_error:
            return (.unreachable, true, "the server reports an error of its own; look at its log or restart it")
        case gerund_averror(ECONNREFUSED):
            return (.unreachable, true, "the host refuses the connection; check the port and that the server runs")
        case gerund_averror(EHOSTUNREACH), gerund_averror(ENETUNREACH), gerund_averror(ENETDOWN),
            gerund_averror(EHOSTDOWN), gerund_averror(EADDRNOTAVAIL):
            return (.unreachable, true, "the host can't be reached; check the address and the network")
        case gerund_averror(ETIMEDOUT):
            return (.timedOut, true, "the host doesn't answer; check the address and the network")
        case gerund_averror(ECONNRESET), gerund_averror(ECONNABORTED), gerund_averror(EPIPE),
            gerund_averror(ENOTCONN):
            return (phase == .opening ? .unreachable : .lost, true, "the host closed the connection")
        default:
            return nil
        }
    }

    private static func streamFailure(_ error: LibAVError) -> Failure? {
        switch error.code {
        case gerund_error_stream_not_found:
            return (.notAVideo, false, "there is no video stream in it")
        case gerund_error_decoder_not_found, gerund_error_patch_welcome:
            return (.unsupported, false, "there is no decoder for its codec; use a stream in H.264, H.265 or MJPEG")
        case gerund_averror(ENOSYS) where error.function.hasPrefix("sws"):
            return (.unsupported, false, "there is no conversion from its pixel format")
        case gerund_error_demuxer_not_found:
            return (.usage, false, "the option 'format' names no format that libav knows")
        case gerund_error_protocol_not_found:
            return (.unsupported, false, "this libav can't open such addresses")
        case gerund_averror(ENOMEM):
            return (.unsupported, true, "there is not enough memory for its pictures")
        default:
            return nil
        }
    }

    private static func fileFailure(_ code: Int32, _ kind: SourceAddress.Kind) -> Failure? {
        switch code {
        case gerund_averror(ENOENT), gerund_averror(ENOTDIR):
            return (.notFound, true, "no such file")
        case gerund_averror(EISDIR):
            return (.notAVideo, false, "this is a folder; give a file in it")
        case gerund_averror(EACCES), gerund_averror(EPERM):
            return (.unauthorized, false, "not allowed to read the file; check its permissions")
        case gerund_averror(ELOOP), gerund_averror(ENAMETOOLONG):
            return (.notFound, false, "the path leads nowhere")
        case gerund_averror(EMFILE), gerund_averror(ENFILE):
            return (.busy, true, "too many files are open; raise the limit (ulimit -n)")
        case gerund_averror(EIO):
            return kind == .file || kind == .standardInput
                ? (.lost, false, "the file could not be read; the disk may be damaged")
                : (.unreachable, true, "the connection failed; check the address and the network")
        case gerund_error_invalid_data where kind == .rtsp || kind == .http:
            return (.notAVideo, true, "the server answers, but not with a video; check the URL and the port")
        case gerund_error_eof where kind == .rtsp || kind == .http:
            return (.unreachable, true, "the server closed the connection; check the URL and the port")
        case gerund_error_invalid_data:
            return (.notAVideo, false, "this is not a video that libav can read, or its beginning is damaged")
        case gerund_error_eof:
            return (.notAVideo, false, "it ended before the first picture")
        default:
            return nil
        }
    }

    /// The operation was ended by its deadline.
    static func timedOut(_ address: SourceAddress, while phase: Phase, after timeout: Duration) -> CaptureError {
        let isWhole = timeout.inSeconds.rounded() == timeout.inSeconds
        let seconds = isWhole ? "\(timeout.components.seconds)" : "\(timeout.inSeconds)"
        let message =
            phase == .opening
            ? "nothing came within \(seconds) s of opening; check the address and the network"
            : "no packet for \(seconds) s"
        return CaptureError(code: .timedOut, source: address.id, message: message, isTransient: true)
    }
}
