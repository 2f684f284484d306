import CFFmpeg
import GerundCore
import Glibc

/// The URL, format and options with which libav opens an address.
///
/// FFmpeg 5.1 (libavformat 59) is the oldest supported version: RTSP's socket time-out is called `timeout` there, and
/// `stimeout` no longer exists.
struct DemuxerOptions: ~Copyable {
    /// Containers that are refused: terminal art, which libav detects in any text, and playlists that refer elsewhere.
    static let blockedFormats: Set<String> = ["tty", "bin", "xbin", "adf", "idf", "concat", "sdp", "rtp"]

    let url: Secret
    var dictionary: OptionDictionary
    let flags: Int32
    private let kind: SourceAddress.Kind
    private let formatName: String?

    /// Creates the options for an address.
    ///
    /// - Parameters:
    ///   - address: The address.
    ///   - timeout: The time limit of one network operation. The ``InterruptToken`` limits the whole.
    init(_ address: SourceAddress, timeout: Duration) {
        self.kind = address.kind
        var options = OptionDictionary()
        let requested = address.options
        let microseconds = String(max(1, timeout.truncatedNanoseconds / 1000))
        var formatName: String?
        var flags: Int32 = 0
        switch address.kind {
        case .file, .standardInput:
            // A file must not access the network, whatever it refers to.
            options["protocol_whitelist"] = "file,pipe,crypto,data"
            formatName = requested.format
            options["video_size"] = requested.size?.description
            options["framerate"] = requested.fps
        case .rtsp:
            options["protocol_whitelist"] = "rtp,srtp,udp,tcp,tls,http,https,httpproxy,crypto"
            options["rtsp_transport"] =
                requested.transport.map { $0 == .multicast ? "udp_multicast" : $0.rawValue } ?? "tcp"
            options["timeout"] = microseconds
            options["allowed_media_types"] = "video"
            // Enough for the headers of a stream whose SDP doesn't contain them, without waiting to measure its rate.
            // Not `nobuffer`: it discards what was read during analysis, including the first key frame, so that the
            // first frame comes a whole GOP later.
            options["probesize"] = "500000"
            options["analyzeduration"] = "2000000"
            options["fpsprobesize"] = "0"
            if requested.transport == .udp || requested.transport == .multicast { options["max_delay"] = "500000" }
        case .http:
            // A network source must not access files.
            options["protocol_whitelist"] = "http,https,tls,tcp,httpproxy,crypto,data"
            options["rw_timeout"] = microseconds
        case .device:
            formatName = "video4linux2"
            options["video_size"] = requested.size?.description
            options["framerate"] = requested.fps
            options["input_format"] = requested.format.map(Self.pixelFormatName)
            options["fpsprobesize"] = "0"
            // Otherwise reads block inside the driver, where they can't be interrupted.
            flags = AVFMT_FLAG_NONBLOCK
        case .lavfi:
            formatName = "lavfi"
        }
        self.dictionary = options
        self.flags = flags
        self.formatName = formatName
        self.url =
            switch address.kind {
            case .standardInput: Secret("pipe:")
            // The explicit protocol makes a file named `rtsp:` or `concat:x` a file.
            case .file: Secret("file:" + address.location.reveal())
            default: address.location
            }
    }

    /// Returns libav's name for a V4L2 format, as listed by `gerund devices`.
    private static func pixelFormatName(_ name: String) -> String {
        let names = [
            "yuyv": "yuyv422", "uyvy": "uyvy422", "mjpg": "mjpeg", "jpeg": "mjpeg", "yu12": "yuv420p",
            "yv12": "yuv420p", "422p": "yuv422p", "grey": "gray", "rgb3": "rgb24", "bgr3": "bgr24", "hevc": "hevc",
        ]
        return names[name.lowercased()] ?? name.lowercased()
    }

    /// Returns the input format that the address or the user's option requires; `nil` to detect it.
    ///
    /// - Throws: ``LibAVError`` if libav doesn't know the format.
    func inputFormat() throws(LibAVError) -> UnsafePointer<AVInputFormat>? {
        guard let name = self.formatName else { return nil }
        guard let format = unsafe av_find_input_format(name) else {
            throw LibAVError(function: "av_find_input_format", status: gerund_error_demuxer_not_found)
        }
        return unsafe format
    }

    /// Opens standard input or a named pipe, which libav would read without checking the interrupt token; returns `nil`
    /// for other inputs.
    func openDescriptor(interrupt: InterruptToken) throws(LibAVError) -> PolledInput? {
        switch self.kind {
        case .standardInput:
            return try PolledInput(descriptor: STDIN_FILENO, closesDescriptor: false, interrupt: interrupt)
        case .file:
            let path = String(self.url.reveal().dropFirst("file:".count))
            var status = stat()
            guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return nil }
            // Without O_NONBLOCK, opening waits for a writer.
            let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else { throw LibAVError(function: "open", status: gerund_averror(errno)) }
            return try PolledInput(descriptor: descriptor, closesDescriptor: true, interrupt: interrupt)
        default:
            return nil
        }
    }
}
