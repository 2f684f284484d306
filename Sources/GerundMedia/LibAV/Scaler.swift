import CFFmpeg
import GerundCore

/// Converts decoded frames to the model's input format: scaled, center-cropped, upright, RGB.
///
/// A frame is scaled and converted to RGB in one step, straight to the model's resolution, into a buffer of the scaler;
/// the crop is copied from there. The buffer and the swscale context are kept until a frame has another format: a
/// stream may change its size, pixel format or colors at any frame.
@safe
struct Scaler: ~Copyable {
    /// Bilinear with a wider kernel when shrinking (antialiasing), like the checkpoint's own preprocessing, and
    /// accurate rounding and chroma: the closest that swscale comes to "convert to RGB, then resize".
    private static let flags =
        SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP

    /// The aspect ratio to which more extreme frames are cropped before scaling: the rest still contains the center
    /// crop, and a header of 16000x2 can't request gigabytes.
    private static let maximumAspectRatio = 8.0

    private let format: FrameFormat
    private var preparedFor: (videoFormat: VideoFormat, orientation: Orientation)?
    private var context: OpaquePointer?
    private var scaled: UnsafeMutablePointer<UInt8>?
    /// The size of the scaled frame before rotation.
    private var scaledSize = PixelSize(width: 0, height: 0)
    /// The number of bytes from row to row of the scaled frame.
    private var stride = 0

    init(format: FrameFormat) {
        self.format = format
    }

    deinit {
        unsafe sws_freeContext(self.context)
        unsafe av_free(self.scaled)
    }

    /// Converts a frame.
    ///
    /// - Parameters:
    ///   - frame: The frame. If its aspect ratio is extreme, it is cropped to its center.
    ///   - orientation: The orientation that makes the frame upright.
    ///   - pixels: The result, `[height, width, 3]` with the format's crop size.
    /// - Throws: ``LibAVError`` if swscale doesn't support the frame's format or size.
    mutating func scale(
        _ frame: borrowing DecodedFrame, orientation: Orientation, into pixels: inout MutableSpan<UInt8>
    ) throws(LibAVError) {
        try Self.cropExtremeAspectRatio(frame)
        let videoFormat = frame.videoFormat
        if self.preparedFor?.videoFormat != videoFormat || self.preparedFor?.orientation != orientation {
            try self.prepare(for: videoFormat, orientation)
        }
        let source = unsafe frame.frame
        guard let context = unsafe self.context, let scaled = unsafe self.scaled,
            let data = unsafe source.pointee.extended_data
        else { throw LibAVError(function: "sws_scale", status: gerund_averror(EINVAL)) }
        var planes: (UnsafeMutablePointer<UInt8>?, Int, Int, Int) = unsafe (scaled, 0, 0, 0)
        var strides: (Int32, Int32, Int32, Int32) = (Int32(self.stride), 0, 0, 0)
        // Field offsets instead of Swift's tuples: libav's arrays are tuples here.
        let status = unsafe withUnsafePointer(to: &source.pointee.linesize) { lineSizes in
            unsafe withUnsafeMutablePointer(to: &planes) { planes in
                unsafe withUnsafeMutablePointer(to: &strides) { strides in
                    unsafe sws_scale(
                        context,
                        UnsafeRawPointer(data).assumingMemoryBound(to: UnsafePointer<UInt8>?.self),
                        UnsafeRawPointer(lineSizes).assumingMemoryBound(to: Int32.self),
                        0, Int32(videoFormat.size.height),
                        UnsafeRawPointer(planes).assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self),
                        UnsafeRawPointer(strides).assumingMemoryBound(to: Int32.self))
                }
            }
        }
        try LibAVError.check(status, "sws_scale")
        self.copyCenterCrop(orientation, into: &pixels)
    }

    private mutating func prepare(for videoFormat: VideoFormat, _ orientation: Orientation) throws(LibAVError) {
        unsafe sws_freeContext(self.context)
        unsafe self.context = nil
        unsafe av_free(self.scaled)
        unsafe self.scaled = nil
        self.preparedFor = nil

        guard videoFormat.size.width > 0, videoFormat.size.height > 0, sws_isSupportedInput(videoFormat.format) > 0
        else {
            throw LibAVError(function: "sws_isSupportedInput", status: gerund_averror(ENOSYS))
        }
        let display = videoFormat.displaySize
        // The longer edge is truncated to a whole pixel of the upright frame, so rotate first.
        self.scaledSize =
            orientation.isTransposed
            ? self.format.scaledSize(of: display.transposed).transposed : self.format.scaledSize(of: display)
        // swscale writes whole vectors: rows padded to 64 bytes and one extra row keep that inside the buffer.
        self.stride = (self.scaledSize.width * 3 + 127) & ~63
        guard let memory = unsafe av_mallocz(self.stride * (self.scaledSize.height + 1)) else {
            throw LibAVError.outOfMemory("av_mallocz")
        }
        unsafe self.scaled = memory.assumingMemoryBound(to: UInt8.self)
        guard
            let context = unsafe sws_getContext(
                Int32(videoFormat.size.width), Int32(videoFormat.size.height), videoFormat.format,
                Int32(self.scaledSize.width), Int32(self.scaledSize.height), AV_PIX_FMT_RGB24,
                Self.flags, nil, nil, nil)
        else { throw LibAVError(function: "sws_getContext", status: gerund_averror(EINVAL)) }
        unsafe self.context = context
        // Fails for formats other than YUV, which don't need it.
        _ = unsafe sws_setColorspaceDetails(
            context, sws_getCoefficients(videoFormat.colorMatrix), videoFormat.isFullRange ? 1 : 0,
            sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16)
        self.preparedFor = (videoFormat, orientation)
    }

    /// Copies the center crop, rotated upright; row by row if the frame is stored upright.
    private func copyCenterCrop(_ orientation: Orientation, into pixels: inout MutableSpan<UInt8>) {
        guard let scaled = unsafe self.scaled else { return }
        let crop = self.format.cropSize
        let shown = orientation.isTransposed ? self.scaledSize.transposed : self.scaledSize
        let (left, top) = ((shown.width - crop.width) / 2, (shown.height - crop.height) / 2)
        precondition(left >= 0 && top >= 0 && pixels.count == self.format.byteCount, "crop \(crop) of \(shown)")
        let rowBytes = crop.width * 3
        unsafe pixels.withUnsafeMutableBufferPointer { target in
            guard let target = target.baseAddress else { return }
            for y in 0..<crop.height {
                let row = unsafe target + y * rowBytes
                if orientation == .upright {
                    unsafe row.update(from: scaled + (top + y) * self.stride + left * 3, count: rowBytes)
                    continue
                }
                for x in 0..<crop.width {
                    let from = orientation.sourcePosition(x: left + x, y: top + y, size: shown)
                    unsafe (row + x * 3).update(from: scaled + from.y * self.stride + from.x * 3, count: 3)
                }
            }
        }
    }

    private static func cropExtremeAspectRatio(_ frame: borrowing DecodedFrame) throws(LibAVError) {
        let videoFormat = frame.videoFormat
        let size = videoFormat.displaySize
        let aspect = Double(size.width) / Double(max(1, size.height))
        let native = unsafe frame.frame
        // In steps of 16, a multiple of every chroma subsampling.
        if aspect > Self.maximumAspectRatio {
            let excess = Double(videoFormat.size.width) * (1 - Self.maximumAspectRatio / aspect) / 2
            unsafe native.pointee.crop_left = Int(excess) & ~15
            unsafe native.pointee.crop_right = Int(excess) & ~15
        } else if aspect < 1 / Self.maximumAspectRatio {
            let excess = Double(videoFormat.size.height) * (1 - aspect * Self.maximumAspectRatio) / 2
            unsafe native.pointee.crop_top = Int(excess) & ~15
            unsafe native.pointee.crop_bottom = Int(excess) & ~15
        } else {
            return
        }
        try LibAVError.check(unsafe av_frame_apply_cropping(native, 0), "av_frame_apply_cropping")
    }
}
