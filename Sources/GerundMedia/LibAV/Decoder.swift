import CFFmpeg
import GerundStream

/// The result of receiving from a decoder.
///
/// `EAGAIN` and the end of the stream are results, not errors.
enum DecoderStep: Hashable {
    /// The decoder has output a frame.
    case frame
    /// The decoder needs the next packet first.
    case needsPacket
    /// The decoder has output all frames.
    case ended
}

/// Decodes the packets of one stream to frames.
@safe
struct Decoder: ~Copyable {
    private let context: UnsafeMutablePointer<AVCodecContext>

    /// Opens the decoder of a stream.
    ///
    /// - Parameters:
    ///   - stream: The stream of an open demuxer.
    ///   - threads: The number of threads: 1 adds no delay, 0 leaves the choice to libav.
    ///   - isLive: Whether to minimize the delay.
    /// - Returns: The decoder.
    /// - Throws: ``LibAVError`` if there is no decoder for the codec or it can't be opened.
    static func open(
        _ stream: borrowing VideoStream, threads: Int, isLive: Bool
    ) throws(LibAVError) -> Decoder {
        let parameters = unsafe stream.stream.pointee.codecpar
        guard let parameters = unsafe parameters else {
            throw LibAVError(function: "avcodec_find_decoder", status: gerund_error_decoder_not_found)
        }
        guard let codec = unsafe avcodec_find_decoder(parameters.pointee.codec_id) else {
            throw LibAVError(function: "avcodec_find_decoder", status: gerund_error_decoder_not_found)
        }
        guard let context = unsafe avcodec_alloc_context3(codec) else {
            throw LibAVError.outOfMemory("avcodec_alloc_context3")
        }
        // From here on, the decoder frees the context, even if a step throws.
        let decoder = unsafe Decoder(context: context)
        try LibAVError.check(
            unsafe avcodec_parameters_to_context(context, parameters), "avcodec_parameters_to_context")
        unsafe context.pointee.pkt_timebase = stream.stream.pointee.time_base
        unsafe context.pointee.thread_count = Int32(clamping: threads)
        // Each frame thread adds a delay of one frame.
        unsafe context.pointee.thread_type = isLive ? FF_THREAD_SLICE : FF_THREAD_FRAME | FF_THREAD_SLICE
        // Limits the frame size to 8K: headers can claim any size.
        unsafe context.pointee.max_pixels = 8192 * 8192
        // AV_CODEC_FLAG_LOW_DELAY outputs frames in decoding order: only valid without reordering (no B-frames).
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

    /// Sends a packet, after ``receive(into:)`` has returned ``DecoderStep/needsPacket``.
    ///
    /// - Throws: ``LibAVError`` if the packet is corrupt. Decoding can continue with the next one.
    mutating func send(_ packet: borrowing Packet) throws(LibAVError) {
        try LibAVError.check(unsafe avcodec_send_packet(self.context, packet.packet), "avcodec_send_packet")
    }

    /// Marks the end of the packets, so that the decoder outputs its delayed frames.
    mutating func drain() {
        // Fails only if called twice, without effect.
        _ = unsafe avcodec_send_packet(self.context, nil)
    }

    /// Receives the next frame, replacing the contents of `frame`.
    ///
    /// - Throws: ``LibAVError`` if the frame could not be decoded. Decoding can continue with the next one.
    mutating func receive(into frame: borrowing DecodedFrame) throws(LibAVError) -> DecoderStep {
        let status = unsafe avcodec_receive_frame(self.context, frame.frame)
        switch status {
        case 0...: return .frame
        case gerund_averror(EAGAIN): return .needsPacket
        case gerund_error_eof: return .ended
        default: throw LibAVError(function: "avcodec_receive_frame", status: status)
        }
    }
}
