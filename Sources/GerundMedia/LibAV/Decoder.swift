import CFFmpeg
import GerundStream

/// `EAGAIN` and end of stream are answers, not errors.
enum DecoderStep: Hashable {
    /// A picture came out.
    case picture
    /// The next packet is needed first.
    case needsPacket
    /// Nothing more comes.
    case ended
}

/// Turns packets of one stream into pictures.
@safe
struct Decoder: ~Copyable {
    private let context: UnsafeMutablePointer<AVCodecContext>

    /// - Parameters:
    ///   - stream: The stream of an open demuxer.
    ///   - threads: 1 for no additional delay; 0 for as many as libav thinks fit.
    ///   - isLive: Whether a picture is wanted as soon as it can be had.
    /// - Throws: When there is no decoder for the codec, or it doesn't open.
    static func open(
        _ stream: borrowing VideoStream, threads: Int, isLive: Bool
    ) throws(LibAVError) -> Decoder {
        let parameters = unsafe stream.stream.pointee.codecpar
        guard let parameters = unsafe parameters else {
            throw LibAVError(function: "avcodec_find_decoder", code: gerund_error_decoder_not_found)
        }
        guard let codec = unsafe avcodec_find_decoder(parameters.pointee.codec_id) else {
            throw LibAVError(function: "avcodec_find_decoder", code: gerund_error_decoder_not_found)
        }
        guard let context = unsafe avcodec_alloc_context3(codec) else {
            throw LibAVError.outOfMemory("avcodec_alloc_context3")
        }
        // From here on, the context is freed also when a step throws.
        let decoder = unsafe Decoder(context: context)
        try LibAVError.check(
            unsafe avcodec_parameters_to_context(context, parameters), "avcodec_parameters_to_context")
        unsafe context.pointee.pkt_timebase = stream.stream.pointee.time_base
        unsafe context.pointee.thread_count = Int32(clamping: threads)
        // Frame threads hold back one picture each.
        unsafe context.pointee.thread_type = isLive ? FF_THREAD_SLICE : FF_THREAD_FRAME | FF_THREAD_SLICE
        // A header can ask for any size; beyond 8K nobody films, and memory for it is better not asked for.
        unsafe context.pointee.max_pixels = 8192 * 8192
        // The flag makes decoders give pictures in the order of decoding: only where that is the order of showing.
        if isLive, unsafe parameters.pointee.video_delay == 0 {
            unsafe context.pointee.flags |= AV_CODEC_FLAG_LOW_DELAY
        }
        try LibAVError.check(unsafe avcodec_open2(context, codec, nil), "avcodec_open2")
        return decoder
    }

    private init(context: UnsafeMutablePointer<AVCodecContext>) {
        unsafe self.context = context
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = unsafe self.context
        unsafe avcodec_free_context(&context)
    }

    /// Gives the decoder a packet, after ``receive(into:)`` has asked for one.
    ///
    /// - Throws: When the packet is damaged; the next one may be fine.
    mutating func send(_ packet: borrowing Packet) throws(LibAVError) {
        try LibAVError.check(unsafe avcodec_send_packet(self.context, packet.packet), "avcodec_send_packet")
    }

    /// No packet follows: pictures that were held back come out.
    mutating func drain() {
        // Fails only when called twice, which changes nothing.
        _ = unsafe avcodec_send_packet(self.context, nil)
    }

    /// Receives the next picture, replacing what `frame` held.
    ///
    /// - Throws: When the picture could not be decoded; the next one may be fine.
    mutating func receive(into frame: borrowing DecodedFrame) throws(LibAVError) -> DecoderStep {
        let status = unsafe avcodec_receive_frame(self.context, frame.frame)
        switch status {
        case 0...: return .picture
        case gerund_averror(EAGAIN): return .needsPacket
        case gerund_error_eof: return .ended
        default: throw LibAVError(function: "avcodec_receive_frame", code: status)
        }
    }
}
