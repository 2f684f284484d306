import CFFmpeg

/// How a decoded picture lies in memory and what its numbers mean.
struct PictureLayout: Equatable {
    let width: Int
    let height: Int
    /// Never one of the deprecated `yuvj` formats: those are ``isFullRange`` instead.
    let format: AVPixelFormat
    /// The matrix between YUV and RGB, as swscale numbers it.
    let matrix: Int32
    /// Whether black is 0 and white 255 (JPEG), rather than 16 and 235.
    let isFullRange: Bool
    /// Whether brightness is coded for displays far brighter than usual (PQ, HLG).
    let isHighDynamicRange: Bool
    /// The width of a pixel by its height.
    let pixelAspect: Double

    init(
        width: Int, height: Int, format: Int32, matrix: AVColorSpace, range: AVColorRange,
        transfer: AVColorTransferCharacteristic, sampleAspectRatio: AVRational
    ) {
        self.width = width
        self.height = height
        let (format, isJPEG) = Self.withoutRange(AVPixelFormat(rawValue: format))
        self.format = format
        self.isFullRange = range == AVCOL_RANGE_JPEG || (isJPEG && range != AVCOL_RANGE_MPEG)
        self.matrix = Self.matrix(matrix, height: height)
        self.isHighDynamicRange = transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67
        let ratio = Double(sampleAspectRatio.num) / Double(sampleAspectRatio.den)
        // Beyond this it is no anamorphic film but a broken header. A ratio of 0/0 or 0/1 means unknown.
        self.pixelAspect = (0.1...10).contains(ratio) ? ratio : 1
    }

    /// The size with square pixels.
    var displaySize: (width: Int, height: Int) {
        self.pixelAspect >= 1
            ? (max(1, Int((Double(self.width) * self.pixelAspect).rounded())), self.height)
            : (self.width, max(1, Int((Double(self.height) / self.pixelAspect).rounded())))
    }

    /// `yuvj` formats as the plain format that they are, with full range.
    private static func withoutRange(_ format: AVPixelFormat) -> (AVPixelFormat, isJPEG: Bool) {
        switch format {
        case AV_PIX_FMT_YUVJ420P: (AV_PIX_FMT_YUV420P, true)
        case AV_PIX_FMT_YUVJ422P: (AV_PIX_FMT_YUV422P, true)
        case AV_PIX_FMT_YUVJ444P: (AV_PIX_FMT_YUV444P, true)
        case AV_PIX_FMT_YUVJ440P: (AV_PIX_FMT_YUV440P, true)
        case AV_PIX_FMT_YUVJ411P: (AV_PIX_FMT_YUV411P, true)
        default: (format, false)
        }
    }

    /// What players assume where the stream says nothing: BT.709 from 720 lines on, else BT.601.
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

    /// The matrix's name, for people.
    var matrixName: String {
        switch self.matrix {
        case SWS_CS_ITU709: "bt709"
        case SWS_CS_FCC: "fcc"
        case SWS_CS_SMPTE240M: "smpte240m"
        case SWS_CS_BT2020: "bt2020"
        default: "bt601"
        }
    }

    /// libav's name of the pixel format.
    var formatName: String {
        guard let name = unsafe av_get_pix_fmt_name(self.format) else { return "" }
        return unsafe String(cString: name)
    }
}
