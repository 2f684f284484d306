import CFFmpeg
import GerundCore

/// A decoded frame and the reference that it holds on libav's buffers.
///
/// Exactly one owner frees it.
@safe
struct DecodedFrame: ~Copyable {
    let frame: UnsafeMutablePointer<AVFrame>

    /// Creates an empty frame.
    ///
    /// - Throws: ``LibAVError`` if memory is exhausted.
    init() throws(LibAVError) {
        guard let frame = unsafe av_frame_alloc() else { throw LibAVError.outOfMemory("av_frame_alloc") }
        unsafe self.frame = frame
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = unsafe self.frame
        unsafe av_frame_free(&frame)
    }

    /// The presentation timestamp (PTS) in the stream's time base; `nil` if the frame has none.
    var presentationTimestamp: Int64? {
        let pts = unsafe self.frame.pointee.best_effort_timestamp
        return pts == gerund_no_pts ? nil : pts
    }

    /// A Boolean value that indicates whether the decoder concealed errors in the frame.
    var isCorrupt: Bool {
        unsafe self.frame.pointee.decode_error_flags != 0
            || self.frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
    }

    var width: Int { unsafe Int(self.frame.pointee.width) }
    var height: Int { unsafe Int(self.frame.pointee.height) }

    /// The properties that the conversion to RGB depends on, besides the pixels.
    var videoFormat: VideoFormat {
        let frame = unsafe self.frame.pointee
        return unsafe VideoFormat(
            size: PixelSize(width: Int(frame.width), height: Int(frame.height)), format: frame.format,
            matrix: frame.colorspace, range: frame.color_range, transfer: frame.color_trc,
            sampleAspectRatio: frame.sample_aspect_ratio)
    }

    /// The orientation that the frame itself carries; `nil` if it carries none.
    var orientation: Orientation? {
        guard let side = unsafe av_frame_get_side_data(self.frame, AV_FRAME_DATA_DISPLAYMATRIX),
            unsafe side.pointee.size >= 9 * MemoryLayout<Int32>.size,
            let data = unsafe side.pointee.data
        else { return nil }
        return unsafe Orientation(displayMatrix: UnsafeRawPointer(data))
    }
}
