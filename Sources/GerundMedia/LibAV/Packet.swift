import CFFmpeg

/// A packet of compressed data and the reference that it holds on libav's buffers.
@safe
struct Packet: ~Copyable {
    let packet: UnsafeMutablePointer<AVPacket>

    /// Creates an empty packet.
    ///
    /// - Throws: ``LibAVError`` if memory is exhausted.
    init() throws(LibAVError) {
        guard let packet = unsafe av_packet_alloc() else { throw LibAVError.outOfMemory("av_packet_alloc") }
        unsafe self.packet = packet
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = unsafe self.packet
        unsafe av_packet_free(&packet)
    }

    var streamIndex: Int { unsafe Int(self.packet.pointee.stream_index) }
    var isCorrupt: Bool { unsafe self.packet.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 }

    /// Releases the data.
    func clear() {
        unsafe av_packet_unref(self.packet)
    }
}
