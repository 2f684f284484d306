import CFFmpeg
import Glibc

/// An open file, stream or device that gives packets.
///
/// Every operation, opening included, ends when its ``Interrupt`` says so.
@safe
struct Demuxer: ~Copyable {
    enum ReadStep: Hashable {
        case packet
        /// Nothing yet; ask again in a while.
        case later
        case ended
    }

    private let context: UnsafeMutablePointer<AVFormatContext>
    /// Which stream is decoded.
    private let videoIndex: UInt32
    /// Options that neither libav's container nor its protocol knew.
    let unusedOptions: [String]
    // Kept because `context` refers to them without holding them.
    private let interrupt: Interrupt
    private let input: PolledInput?

    /// Opens what `opening` describes and finds out about its streams.
    ///
    /// - Throws: Also when there is no video stream.
    static func open(_ opening: consuming DemuxerOpening, interrupt: Interrupt) throws(LibAVError) -> Demuxer {
        _ = Self.registerDevices
        let format = unsafe try opening.inputFormat()
        guard let allocated = unsafe avformat_alloc_context() else {
            throw LibAVError.outOfMemory("avformat_alloc_context")
        }
        var context: UnsafeMutablePointer<AVFormatContext>? = unsafe allocated
        unsafe interrupt.install(in: allocated)
        unsafe allocated.pointee.flags |= opening.flags
        var input: PolledInput?
        do throws(LibAVError) {
            input = try opening.openDescriptor(interrupt: interrupt)
        } catch {
            unsafe avformat_free_context(allocated)
            throw error
        }
        if let input { unsafe allocated.pointee.pb = input.context }
        // Frees the context when it fails.
        let url = opening.url.reveal()
        let status = unsafe opening.options.withPointer { options in
            unsafe avformat_open_input(&context, url, format, options)
        }
        guard status >= 0, let context = unsafe context else {
            throw LibAVError(function: "avformat_open_input", code: status)
        }
        return try unsafe Demuxer.inspect(context, opening.options.keys, interrupt, input)
    }

    private static func inspect(
        _ opened: UnsafeMutablePointer<AVFormatContext>, _ unusedOptions: [String], _ interrupt: Interrupt,
        _ input: PolledInput?
    ) throws(LibAVError) -> Demuxer {
        var context: UnsafeMutablePointer<AVFormatContext>? = unsafe opened
        do throws(LibAVError) {
            let name = unsafe opened.pointee.iformat.pointee.name.map { unsafe String(cString: $0) } ?? ""
            guard !DemuxerOpening.refusedFormats.contains(name) else {
                throw LibAVError(function: "avformat_open_input", code: gerund_error_invalid_data)
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
        interrupt: Interrupt, input: PolledInput?
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

    /// libav's choice among the streams that are films, not covers; the others are not even parsed.
    private static func bestVideoStream(
        of context: UnsafeMutablePointer<AVFormatContext>
    ) throws(LibAVError) -> UInt32 {
        var best = unsafe av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
        let count = unsafe context.pointee.nb_streams
        func isFilm(_ index: UInt32) -> Bool {
            guard let stream = unsafe gerund_stream(context, index), let codec = unsafe stream.pointee.codecpar else {
                return false
            }
            return unsafe codec.pointee.codec_type == AVMEDIA_TYPE_VIDEO
                && stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
        }
        if best < 0 || !isFilm(UInt32(best)) {
            best = (0..<count).first(where: isFilm).map { Int32($0) } ?? gerund_error_stream_not_found
        }
        try LibAVError.check(best, "av_find_best_stream")
        for index in 0..<count where index != UInt32(best) {
            if let stream = unsafe gerund_stream(context, index) { unsafe stream.pointee.discard = AVDISCARD_ALL }
        }
        return UInt32(best)
    }

    /// The stream that is decoded. Not to be used after the demuxer.
    var video: VideoStream {
        guard let stream = unsafe gerund_stream(self.context, self.videoIndex) else {
            preconditionFailure("stream \(self.videoIndex) has gone")
        }
        return unsafe VideoStream(stream)
    }

    /// Reads the next packet of the video stream, or one of another stream that came in between.
    mutating func read(into packet: borrowing Packet) throws(LibAVError) -> ReadStep {
        let status = unsafe av_read_frame(self.context, packet.packet)
        switch status {
        case 0...: return .packet
        case gerund_averror(EAGAIN): return .later
        case gerund_error_eof:
            // Some demuxers call an interrupted or broken connection the end.
            if self.interrupt.reason != nil { throw LibAVError(function: "av_read_frame", code: gerund_error_exit) }
            let failure = unsafe self.context.pointee.pb?.pointee.error ?? 0
            if failure < 0, failure != gerund_error_eof {
                throw LibAVError(function: "av_read_frame", code: failure)
            }
            return .ended
        default: throw LibAVError(function: "av_read_frame", code: status)
        }
    }

    func isVideo(_ packet: borrowing Packet) -> Bool { packet.streamIndex == Int(self.videoIndex) }

    /// libav's names of the container or protocol.
    var containerName: String {
        guard let name = unsafe self.context.pointee.iformat.pointee.name else { return "" }
        return unsafe String(cString: name)
    }

    /// Whether the container tells how long it is: then it is a film and no camera.
    var hasDuration: Bool {
        let duration = unsafe self.context.pointee.duration
        return duration != gerund_no_pts && duration > 0
    }

    /// Whether the container holds time stamps. Where it doesn't, libav counts frames at a rate that it assumes.
    var hasTimestamps: Bool {
        unsafe self.context.pointee.iformat.pointee.flags & AVFMT_NOTIMESTAMPS == 0 && self.containerName != "mpjpeg"
    }
}
