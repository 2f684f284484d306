import CFFmpeg
import GerundStream

/// The stream of a demuxer that is decoded.
///
/// A stream is valid as long as its demuxer.
@safe
struct VideoStream: ~Copyable {
    let stream: UnsafeMutablePointer<AVStream>

    init(_ stream: UnsafeMutablePointer<AVStream>) {
        unsafe self.stream = stream
    }

    var index: Int { unsafe Int(self.stream.pointee.index) }

    var timeBase: TimeBase {
        let base = unsafe self.stream.pointee.time_base
        return TimeBase(numerator: base.num, denominator: base.den)
    }

    /// The number of bits after which timestamps wrap around.
    var wrapBits: Int { unsafe Int(self.stream.pointee.pts_wrap_bits) }

    /// The number of frames per second that the stream declares or libav has measured; `nil` if neither is plausible.
    var frameRate: Double? {
        let rates = unsafe [self.stream.pointee.avg_frame_rate, self.stream.pointee.r_frame_rate]
        for rate in rates where rate.num > 0 && rate.den > 0 {
            let value = Double(rate.num) / Double(rate.den)
            // Without a frame rate, some demuxers report their time base, such as 90000.
            if (0.001...1000).contains(value) { return value }
        }
        return nil
    }

    var width: Int { unsafe Int(self.stream.pointee.codecpar.pointee.width) }
    var height: Int { unsafe Int(self.stream.pointee.codecpar.pointee.height) }

    /// The libav name of the codec, even if there is no decoder for it.
    var codecName: String {
        guard let name = unsafe avcodec_get_name(self.stream.pointee.codecpar.pointee.codec_id) else { return "" }
        return unsafe String(cString: name)
    }

    /// The libav name of the pixel format; empty if unknown.
    var pixelFormatName: String {
        let format = unsafe AVPixelFormat(self.stream.pointee.codecpar.pointee.format)
        guard let name = unsafe av_get_pix_fmt_name(format) else { return "" }
        return unsafe String(cString: name)
    }

    /// The orientation that the container declares.
    var orientation: Orientation {
        var size = 0
        guard let data = unsafe av_stream_get_side_data(self.stream, AV_PKT_DATA_DISPLAYMATRIX, &size),
            size >= 9 * MemoryLayout<Int32>.size
        else { return .upright }
        return unsafe Orientation(displayMatrix: UnsafeRawPointer(data))
    }
}
