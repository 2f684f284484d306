import CFFmpeg
import GerundCore

/// The properties of a decoded frame that its conversion to RGB depends on, and whether it has a high dynamic range.
struct VideoFormat: Equatable {
    /// The size in pixels, before correction for non-square pixels.
    let size: PixelSize
    /// The pixel format.
    ///
    /// It is never one of the deprecated `yuvj` formats: those set ``isFullRange`` instead.
    let format: AVPixelFormat
    /// The swscale constant, `SWS_CS_…`, of the matrix from YUV to RGB.
    let colorMatrix: Int32
    /// A Boolean value that indicates whether black is 0 and white 255 (JPEG), rather than 16 and 235.
    let isFullRange: Bool
    /// A Boolean value that indicates whether the transfer function is one for high dynamic range (PQ, HLG).
    let isHighDynamicRange: Bool
    /// The pixel aspect ratio: the width of a pixel divided by its height.
    let pixelAspectRatio: Double

    init(
        size: PixelSize, format: Int32, matrix: AVColorSpace, range: AVColorRange,
        transfer: AVColorTransferCharacteristic, sampleAspectRatio: AVRational
    ) {
        self.size = size
        let (format, impliesFullRange) = Self.normalizingFullRange(AVPixelFormat(rawValue: format))
        self.format = format
        self.isFullRange = range == AVCOL_RANGE_JPEG || (impliesFullRange && range != AVCOL_RANGE_MPEG)
        self.colorMatrix = Self.colorMatrix(matrix, height: size.height)
        self.isHighDynamicRange = transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67
        let ratio = Double(sampleAspectRatio.num) / Double(sampleAspectRatio.den)
        // 0/0 and 0/1 mean unknown; other ratios outside this range indicate a damaged header, not anamorphic video.
        self.pixelAspectRatio = (0.1...10).contains(ratio) ? ratio : 1
    }

    /// The size after scaling to square pixels.
    var displaySize: PixelSize {
        var size = self.size
        if self.pixelAspectRatio >= 1 {
            size.width = max(1, Int((Double(size.width) * self.pixelAspectRatio).rounded()))
        } else {
            size.height = max(1, Int((Double(size.height) / self.pixelAspectRatio).rounded()))
        }
        return size
    }

    /// Replaces a deprecated `yuvj` format by its `yuv` equivalent, and returns whether it implied full range.
    private static func normalizingFullRange(_ format: AVPixelFormat) -> (AVPixelFormat, impliesFullRange: Bool) {
        switch format {
        case AV_PIX_FMT_YUVJ420P: (AV_PIX_FMT_YUV420P, true)
        case AV_PIX_FMT_YUVJ422P: (AV_PIX_FMT_YUV422P, true)
        case AV_PIX_FMT_YUVJ444P: (AV_PIX_FMT_YUV444P, true)
        case AV_PIX_FMT_YUVJ440P: (AV_PIX_FMT_YUV440P, true)
        case AV_PIX_FMT_YUVJ411P: (AV_PIX_FMT_YUV411P, true)
        default: (format, false)
        }
    }

    /// Returns the swscale constant, `SWS_CS_…`, of a matrix.
    ///
    /// If the stream declares none, players assume BT.709 from 720 lines on and BT.601 below.
    private static func colorMatrix(_ space: AVColorSpace, height: Int) -> Int32 {
        switch space {
        case AVCOL_SPC_BT709: SWS_CS_ITU709
        case AVCOL_SPC_FCC: SWS_CS_FCC
        case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: SWS_CS_ITU601
        case AVCOL_SPC_SMPTE240M: SWS_CS_SMPTE240M
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: SWS_CS_BT2020
        default: height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601
        }
    }

    /// The name of the matrix, such as `bt709`.
    var colorMatrixName: String {
        switch self.colorMatrix {
        case SWS_CS_ITU709: "bt709"
        case SWS_CS_FCC: "fcc"
        case SWS_CS_SMPTE240M: "smpte240m"
        case SWS_CS_BT2020: "bt2020"
        default: "bt601"
        }
    }

    /// The libav name of the pixel format.
    var formatName: String {
        guard let name = unsafe av_get_pix_fmt_name(self.format) else { return "" }
        return unsafe String(cString: name)
    }
}
