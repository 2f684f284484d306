import CFFmpeg
import GerundStream

/// A decoded picture and the reference it holds on libav's buffers. Exactly one owner frees it.
@safe
struct DecodedFrame: ~Copyable {
    let frame: UnsafeMutablePointer<AVFrame>

    /// - Throws: When memory has run out.
    init() throws(LibAVError) {
        guard let frame = unsafe av_frame_alloc() else { throw LibAVError.outOfMemory("av_frame_alloc") }
        unsafe self.frame = frame
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = unsafe self.frame
        unsafe av_frame_free(&frame)
    }

    /// In the stream's time base, or `nil` when the stream gives none.
    var presentationTimestamp: Int64? {
        let stamp = unsafe self.frame.pointee.best_effort_timestamp
        return stamp == gerund_no_pts ? nil : stamp
    }

    /// Whether the decoder had to guess parts of the picture.
    var isDamaged: Bool {
        unsafe self.frame.pointee.decode_error_flags != 0
            || self.frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
    }

    var width: Int { unsafe Int(self.frame.pointee.width) }
    var height: Int { unsafe Int(self.frame.pointee.height) }

    /// Everything on which the conversion to RGB depends, besides the pixels.
    var layout: PictureLayout {
        let frame = unsafe self.frame.pointee
        return unsafe PictureLayout(
            width: Int(frame.width), height: Int(frame.height), format: frame.format,
            matrix: frame.colorspace, range: frame.color_range, transfer: frame.color_trc,
            sampleAspectRatio: frame.sample_aspect_ratio)
    }

    /// The orientation that this very picture asks for; `nil` when it says nothing.
    var orientation: Orientation? {
        guard let side = unsafe av_frame_get_side_data(self.frame, AV_FRAME_DATA_DISPLAYMATRIX),
            unsafe side.pointee.size >= 9 * MemoryLayout<Int32>.size,
            let data = unsafe side.pointee.data
        else { return nil }
        return unsafe Orientation(displayMatrix: UnsafeRawPointer(data))
    }
}
