import CFFmpeg
import GerundCore
import Glibc

/// What libav is told to open, and how.
///
/// FFmpeg 5.1 (libavformat 59) is the oldest version that is supported: RTSP's socket time-out is called `timeout`
/// there, and `stimeout` is gone.
struct DemuxerOpening: ~Copyable {
    /// Containers that libav sees in any text: animated terminal art, and play lists that lead elsewhere.
    static let refusedFormats: Set<String> = ["tty", "bin", "xbin", "adf", "idf", "concat", "sdp", "rtp"]

    let url: Secret
    var options: OptionDictionary
    let flags: Int32
    private let kind: SourceAddress.Kind
    private let formatName: String?

    /// - Parameter timeout: Of one network operation; the deadline of the whole is the ``Interrupt``'s.
    init(_ address: SourceAddress, timeout: Duration) {
        self.kind = address.kind
        var options = OptionDictionary()
        let wanted = address.options
        let microseconds = String(max(1, timeout.wholeNanoseconds / 1000))
        var formatName: String?
        var flags: Int32 = 0
        switch address.kind {
        case .file, .standardInput:
            // A file must not reach into the network, whatever it lists.
            options["protocol_whitelist"] = "file,pipe,crypto,data"
            formatName = wanted.format
            options["video_size"] = wanted.size.map { "\($0.width)x\($0.height)" }
            options["framerate"] = wanted.rate
        case .rtsp:
            options["protocol_whitelist"] = "rtp,srtp,udp,tcp,tls,http,https,httpproxy,crypto"
            options["rtsp_transport"] =
                wanted.transport.map { $0 == .multicast ? "udp_multicast" : $0.rawValue } ?? "tcp"
            options["timeout"] = microseconds
            options["allowed_media_types"] = "video"
            // Enough for the headers of a stream whose SDP doesn't carry them; no waiting to measure its rate. Not
            // `nobuffer`: it throws away what was read so far, the first key frame with it, and the first picture
            // then comes a whole group of pictures later.
            options["probesize"] = "500000"
            options["analyzeduration"] = "2000000"
            options["fpsprobesize"] = "0"
            if wanted.transport == .udp || wanted.transport == .multicast { options["max_delay"] = "500000" }
        case .http:
            // And nothing from the network may reach into files.
            options["protocol_whitelist"] = "http,https,tls,tcp,httpproxy,crypto,data"
            options["rw_timeout"] = microseconds
        case .device:
            formatName = "video4linux2"
            options["video_size"] = wanted.size.map { "\($0.width)x\($0.height)" }
            options["framerate"] = wanted.rate
            options["input_format"] = wanted.format.map(Self.pixelFormatName)
            options["fpsprobesize"] = "0"
            // Else reading blocks inside the driver, where no interrupt reaches.
            flags = AVFMT_FLAG_NONBLOCK
        case .test:
            formatName = "lavfi"
        }
        self.options = options
        self.flags = flags
        self.formatName = formatName
        self.url =
            switch address.kind {
            case .standardInput: Secret("pipe:")
            // Spelled out, so that a file called `rtsp:` or `concat:x` is still a file.
            case .file: Secret("file:" + address.location.reveal())
            default: address.location
            }
    }

    /// libav's names for what V4L2 calls formats; `gerund devices` lists V4L2's.
    private static func pixelFormatName(_ name: String) -> String {
        let names = [
            "yuyv": "yuyv422", "uyvy": "uyvy422", "mjpg": "mjpeg", "jpeg": "mjpeg", "yu12": "yuv420p",
            "yv12": "yuv420p", "422p": "yuv422p", "grey": "gray", "rgb3": "rgb24", "bgr3": "bgr24", "hevc": "hevc",
        ]
        return names[name.lowercased()] ?? name.lowercased()
    }

    /// - Throws: When the user asked for a format that libav doesn't know.
    func inputFormat() throws(LibAVError) -> UnsafePointer<AVInputFormat>? {
        guard let name = self.formatName else { return nil }
        guard let format = unsafe av_find_input_format(name) else {
            throw LibAVError(function: "av_find_input_format", code: gerund_error_demuxer_not_found)
        }
        return unsafe format
    }

    /// Standard input and named pipes, which libav would read without looking at the interrupt.
    func openDescriptor(interrupt: Interrupt) throws(LibAVError) -> PolledInput? {
        switch self.kind {
        case .standardInput:
            return try PolledInput(descriptor: STDIN_FILENO, closesDescriptor: false, interrupt: interrupt)
        case .file:
            let path = String(self.url.reveal().dropFirst("file:".count))
            var status = stat()
            guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return nil }
            // Without O_NONBLOCK, opening waits for a writer.
            let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else { throw LibAVError(function: "open", code: gerund_averror(errno)) }
            return try PolledInput(descriptor: descriptor, closesDescriptor: true, interrupt: interrupt)
        default:
            return nil
        }
    }
}
