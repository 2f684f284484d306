import CFFmpeg
import Glibc

/// An open file, stream or device from which packets are read.
///
/// Every operation, opening included, ends when its ``InterruptToken`` is cancelled or its deadline passes.
@safe
struct Demuxer: ~Copyable {
    /// The result of reading.
    ///
    /// `EAGAIN` and the end of the stream are results, not errors.
    enum ReadStep: Hashable {
        /// A packet was read.
        case packet
        /// No packet is available yet.
        case tryAgain
        /// The stream has ended.
        case ended
    }

    private let context: UnsafeMutablePointer<AVFormatContext>
    /// The index of the stream that is decoded.
    private let videoIndex: UInt32
    /// The options that neither the container nor the protocol has consumed.
    let unusedOptions: [String]
    // Retained because `context` refers to them without a reference count.
    private let interrupt: InterruptToken
    private let input: PolledInput?

    /// Opens an input and analyzes its streams.
    ///
    /// - Throws: ``LibAVError`` if the input can't be opened or has no video stream.
    static func open(_ options: consuming DemuxerOptions, interrupt: InterruptToken) throws(LibAVError) -> Demuxer {
        _ = Self.registerDevices
        let format = unsafe try options.inputFormat()
        guard let allocated = unsafe avformat_alloc_context() else {
            throw LibAVError.outOfMemory("avformat_alloc_context")
        }
        var context: UnsafeMutablePointer<AVFormatContext>? = unsafe allocated
        unsafe interrupt.install(in: allocated)
        unsafe allocated.pointee.flags |= options.flags
        var input: PolledInput?
        do throws(LibAVError) {
            input = try options.openDescriptor(interrupt: interrupt)
        } catch {
            unsafe avformat_free_context(allocated)
            throw error
        }
        if let input { unsafe allocated.pointee.pb = input.context }
        // Frees the context when it fails.
        let url = options.url.reveal()
        let status = unsafe options.dictionary.withPointer { dictionary in
            unsafe avformat_open_input(&context, url, format, dictionary)
        }
        guard status >= 0, let context = unsafe context else {
            throw LibAVError(function: "avformat_open_input", status: status)
        }
        return try unsafe Demuxer.inspect(context, options.dictionary.keys, interrupt, input)
    }

    private static func inspect(
        _ opened: UnsafeMutablePointer<AVFormatContext>, _ unusedOptions: [String], _ interrupt: InterruptToken,
        _ input: PolledInput?
    ) throws(LibAVError) -> Demuxer {
        var context: UnsafeMutablePointer<AVFormatContext>? = unsafe opened
        do throws(LibAVError) {
            let name = unsafe opened.pointee.iformat.pointee.name.map { unsafe String(cString: $0) } ?? ""
            guard !DemuxerOptions.blockedFormats.contains(name) else {
                throw LibAVError(function: "avformat_open_input", status: gerund_error_invalid_data)
            }
            try LibAVError.check(unsafe avformat_find_stream_info(opened, nil), "avformat_find_stream_info")
            let index = unsafe try Self.bestVideoStream(of: opened)
            return unsafe Demuxer(
                context: opened, videoIndex: index, unusedOptions: unusedOptions, interrupt: interrupt, input: input)
        } catch {
            unsafe avformat_close_input(&context)
            throw error
        }
    }

    private init(
        context: UnsafeMutablePointer<AVFormatContext>, videoIndex: UInt32, unusedOptions: [String],
        interrupt: InterruptToken, input: PolledInput?
    ) {
        unsafe self.context = context
        self.videoIndex = videoIndex
        self.unusedOptions = unusedOptions
        self.interrupt = interrupt
        self.input = input
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = unsafe self.context
        unsafe avformat_close_input(&context)
    }

    private static let registerDevices: Void = avdevice_register_all()

    /// Selects a video stream, by libav's criteria but never cover art, and disables the others.
    private static func bestVideoStream(
        of context: UnsafeMutablePointer<AVFormatContext>
    ) throws(LibAVError) -> UInt32 {
        var best = unsafe av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
        let count = unsafe context.pointee.nb_streams
        func isVideoStream(_ index: UInt32) -> Bool {
            guard let stream = unsafe gerund_stream(context, index), let codec = unsafe stream.pointee.codecpar else {
                return false
            }
            return unsafe codec.pointee.codec_type == AVMEDIA_TYPE_VIDEO
                && stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
        }
        if best < 0 || !isVideoStream(UInt32(best)) {
            best = (0..<count).first(where: isVideoStream).map { Int32($0) } ?? gerund_error_stream_not_found
        }
        try LibAVError.check(best, "av_find_best_stream")
        for index in 0..<count where index != UInt32(best) {
            if let stream = unsafe gerund_stream(context, index) { unsafe stream.pointee.discard = AVDISCARD_ALL }
        }
        return UInt32(best)
    }

    /// The stream that is decoded.
    ///
    /// The stream must not be used after the demuxer.
    var video: VideoStream {
        guard let stream = unsafe gerund_stream(self.context, self.videoIndex) else {
            preconditionFailure("no stream \(self.videoIndex)")
        }
        return unsafe VideoStream(stream)
    }

    /// Reads the next packet, of the video stream or of another one.
    mutating func read(into packet: borrowing Packet) throws(LibAVError) -> ReadStep {
        let status = unsafe av_read_frame(self.context, packet.packet)
        switch status {
        case 0...: return .packet
        case gerund_averror(EAGAIN): return .tryAgain
        case gerund_error_eof:
            // Some demuxers report an interrupted or failed connection as the end of the stream.
            if self.interrupt.reason != nil { throw LibAVError(function: "av_read_frame", status: gerund_error_exit) }
            let failure = unsafe self.context.pointee.pb?.pointee.error ?? 0
            if failure < 0, failure != gerund_error_eof {
                throw LibAVError(function: "av_read_frame", status: failure)
            }
            return .ended
        default: throw LibAVError(function: "av_read_frame", status: status)
        }
    }

    func isVideo(_ packet: borrowing Packet) -> Bool { packet.streamIndex == Int(self.videoIndex) }

    /// The libav name of the container or protocol.
    var containerName: String {
        guard let name = unsafe self.context.pointee.iformat.pointee.name else { return "" }
        return unsafe String(cString: name)
    }

    /// A Boolean value that indicates whether the container declares a duration: then it is a recording, not a live
    /// stream.
    var hasDuration: Bool {
        let duration = unsafe self.context.pointee.duration
        return duration != gerund_no_pts && duration > 0
    }

    /// A Boolean value that indicates whether the container has timestamps.
    ///
    /// Otherwise libav counts frames at an assumed rate.
    var hasTimestamps: Bool {
        unsafe self.context.pointee.iformat.pointee.flags & AVFMT_NOTIMESTAMPS == 0 && self.containerName != "mpjpeg"
    }
}
