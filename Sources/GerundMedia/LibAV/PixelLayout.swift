import CFFmpeg
import GerundCore

/// The memory layout of a decoded frame and the meaning of its samples.
struct PixelLayout: Equatable {
    /// The size as coded, in pixels.
    let size: PixelSize
    /// The pixel format.
    ///
    /// Never one of the deprecated `yuvj` formats: those set ``isFullRange`` instead.
    let format: AVPixelFormat
    /// The swscale number of the matrix between YUV and RGB.
    let matrix: Int32
    /// Whether black is 0 and white 255 (JPEG), rather than 16 and 235.
    let isFullRange: Bool
    /// Whether the transfer function is one for high dynamic range (PQ, HLG).
    let isHighDynamicRange: Bool
    /// The width of a pixel by its height.
    let pixelAspect: Double

    init(
        size: PixelSize, format: Int32, matrix: AVColorSpace, range: AVColorRange,
        transfer: AVColorTransferCharacteristic, sampleAspectRatio: AVRational
    ) {
        self.size = size
        let (format, isJPEG) = Self.normalizingFullRange(AVPixelFormat(rawValue: format))
        self.format = format
        self.isFullRange = range == AVCOL_RANGE_JPEG || (isJPEG && range != AVCOL_RANGE_MPEG)
        self.matrix = Self.matrix(matrix, height: size.height)
        self.isHighDynamicRange = transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67
        let ratio = Double(sampleAspectRatio.num) / Double(sampleAspectRatio.den)
        // Outside this range it isn't anamorphic video but a damaged header. A ratio of 0/0 or 0/1 means unknown.
        self.pixelAspect = (0.1...10).contains(ratio) ? ratio : 1
    }

    /// The size after scaling to square pixels.
    var displaySize: PixelSize {
        var size = self.size
        if self.pixelAspect >= 1 {
            size.width = max(1, Int((Double(size.width) * self.pixelAspect).rounded()))
        } else {
            size.height = max(1, Int((Double(size.height) / self.pixelAspect).rounded()))
        }
        return size
    }

    /// Splits a deprecated `yuvj` format into the plain format and the full range that it implies.
    private static func normalizingFullRange(_ format: AVPixelFormat) -> (AVPixelFormat, isJPEG: Bool) {
        switch format {
        case AV_PIX_FMT_YUVJ420P: (AV_PIX_FMT_YUV420P, true)
        case AV_PIX_FMT_YUVJ422P: (AV_PIX_FMT_YUV422P, true)
        case AV_PIX_FMT_YUVJ444P: (AV_PIX_FMT_YUV444P, true)
        case AV_PIX_FMT_YUVJ440P: (AV_PIX_FMT_YUV440P, true)
        case AV_PIX_FMT_YUVJ411P: (AV_PIX_FMT_YUV411P, true)
        default: (format, false)
        }
    }

    /// Returns the swscale number of a matrix.
    ///
    /// Where the stream declares none, players assume BT.709 from 720 lines on and BT.601 below.
    private static func matrix(_ space: AVColorSpace, height: Int) -> Int32 {
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
    var matrixName: String {
        switch self.matrix {
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
