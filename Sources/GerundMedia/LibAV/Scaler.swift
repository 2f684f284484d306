import CFFmpeg
import GerundCore

/// Brings decoded pictures into the model's form: scaled once, straight to size, cropped in the centre, turned
/// upright, RGB.
///
/// What it needs for one layout it keeps until a picture of another comes: a stream may change its size, pixel
/// format or colours at any frame.
@safe
struct Scaler: ~Copyable {
    /// Bilinear with the kernel widened when shrinking, as the checkpoint's own preprocessing has it, and no
    /// shortcuts in rounding or chroma: the nearest that swscale comes to "convert to RGB, then resize".
    private static let flags =
        SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP

    /// A picture longer than this many times its breadth is cut to it before scaling: what is left still holds the
    /// crop, and a header of 16000x2 can't ask for gigabytes.
    private static let longestAspect = 8.0

    private let format: PictureFormat
    private var setUp: (layout: PictureLayout, orientation: Orientation)?
    private var context: OpaquePointer?
    private var scaled: UnsafeMutablePointer<UInt8>?
    /// The scaled picture before it is turned upright, in pixels.
    private var scaledSize = (width: 0, height: 0)
    /// Bytes from row to row of the scaled picture.
    private var stride = 0

    init(format: PictureFormat) {
        self.format = format
    }

    deinit {
        unsafe sws_freeContext(self.context)
        unsafe av_free(self.scaled)
    }

    /// - Parameters:
    ///   - frame: May be cut to its centre.
    ///   - orientation: How the picture is to be turned.
    ///   - pixels: `[format.height, format.width, 3]`.
    /// - Throws: When swscale doesn't take the picture's format or size.
    mutating func scale(
        _ frame: borrowing DecodedFrame, orientation: Orientation, into pixels: inout MutableSpan<UInt8>
    ) throws(LibAVError) {
        try Self.cutToLongestAspect(frame)
        let layout = frame.layout
        if self.setUp?.layout != layout || self.setUp?.orientation != orientation {
            try self.prepare(for: layout, orientation)
        }
        let source = unsafe frame.frame
        guard let context = unsafe self.context, let scaled = unsafe self.scaled,
            let data = unsafe source.pointee.extended_data
        else { throw LibAVError(function: "sws_scale", code: gerund_averror(EINVAL)) }
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
                        0, Int32(layout.height),
                        UnsafeRawPointer(planes).assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self),
                        UnsafeRawPointer(strides).assumingMemoryBound(to: Int32.self))
                }
            }
        }
        try LibAVError.check(status, "sws_scale")
        self.copyCentre(orientation, into: &pixels)
    }

    private mutating func prepare(for layout: PictureLayout, _ orientation: Orientation) throws(LibAVError) {
        unsafe sws_freeContext(self.context)
        unsafe self.context = nil
        unsafe av_free(self.scaled)
        unsafe self.scaled = nil
        self.setUp = nil

        guard layout.width > 0, layout.height > 0, sws_isSupportedInput(layout.format) > 0 else {
            throw LibAVError(function: "sws_isSupportedInput", code: gerund_averror(ENOSYS))
        }
        let display = layout.displaySize
        // The longer edge is cut to a whole pixel from the size as shown, so turn first.
        let upright =
            orientation.transposes
            ? self.format.scaledSize(width: display.height, height: display.width)
            : self.format.scaledSize(width: display.width, height: display.height)
        self.scaledSize = orientation.transposes ? (upright.height, upright.width) : upright
        // swscale writes whole vectors: rows of whole 64 bytes and one more row keep that inside.
        self.stride = (self.scaledSize.width * 3 + 127) & ~63
        guard let memory = unsafe av_mallocz(self.stride * (self.scaledSize.height + 1)) else {
            throw LibAVError.outOfMemory("av_mallocz")
        }
        unsafe self.scaled = memory.assumingMemoryBound(to: UInt8.self)
        guard
            let context = unsafe sws_getContext(
                Int32(layout.width), Int32(layout.height), layout.format,
                Int32(self.scaledSize.width), Int32(self.scaledSize.height), AV_PIX_FMT_RGB24,
                Self.flags, nil, nil, nil)
        else { throw LibAVError(function: "sws_getContext", code: gerund_averror(EINVAL)) }
        unsafe self.context = context
        // Refused for formats without YUV, which need none.
        _ = unsafe sws_setColorspaceDetails(
            context, sws_getCoefficients(layout.matrix), layout.isFullRange ? 1 : 0,
            sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16)
        self.setUp = (layout, orientation)
    }

    /// Copies the centre crop, turned upright, row by row where rows stay rows.
    private func copyCentre(_ orientation: Orientation, into pixels: inout MutableSpan<UInt8>) {
        guard let scaled = unsafe self.scaled else { return }
        let shown = orientation.transposes ? (self.scaledSize.height, self.scaledSize.width) : self.scaledSize
        let (left, top) = ((shown.0 - self.format.width) / 2, (shown.1 - self.format.height) / 2)
        precondition(left >= 0 && top >= 0 && pixels.count == self.format.byteCount, "a crop larger than its picture")
        let rowBytes = self.format.width * 3
        unsafe pixels.withUnsafeMutableBufferPointer { target in
            guard let target = target.baseAddress else { return }
            for y in 0..<self.format.height {
                let row = unsafe target + y * rowBytes
                if orientation == .upright {
                    unsafe row.update(from: scaled + (top + y) * self.stride + left * 3, count: rowBytes)
                    continue
                }
                for x in 0..<self.format.width {
                    let from = orientation.stored(x: left + x, y: top + y, size: shown)
                    unsafe (row + x * 3).update(from: scaled + from.y * self.stride + from.x * 3, count: 3)
                }
            }
        }
    }

    private static func cutToLongestAspect(_ frame: borrowing DecodedFrame) throws(LibAVError) {
        let layout = frame.layout
        let shape = layout.displaySize
        let aspect = Double(shape.width) / Double(max(1, shape.height))
        let picture = unsafe frame.frame
        // In steps of 16, which every chroma subsampling divides.
        if aspect > Self.longestAspect {
            let excess = Double(layout.width) * (1 - Self.longestAspect / aspect) / 2
            unsafe picture.pointee.crop_left = Int(excess) & ~15
            unsafe picture.pointee.crop_right = Int(excess) & ~15
        } else if aspect < 1 / Self.longestAspect {
            let excess = Double(layout.height) * (1 - aspect * Self.longestAspect) / 2
            unsafe picture.pointee.crop_top = Int(excess) & ~15
            unsafe picture.pointee.crop_bottom = Int(excess) & ~15
        } else {
            return
        }
        try LibAVError.check(unsafe av_frame_apply_cropping(picture, 0), "av_frame_apply_cropping")
    }
}
