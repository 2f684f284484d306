public import GerundCore

/// A picture of any size becomes what the model was trained on (HF: `VideoMAEImageProcessor`, as in `XCLIPProcessor`):
/// scale, crop the centre, normalise.
///
/// The 8-bit result equals that of the reference bit by bit: resampling is Pillow's, with its rounding.
///
/// H, W = height and width of the crop, 224 for the published checkpoints.
public struct ImageProcessor: Hashable, Sendable {
    /// How large a picture becomes before the crop.
    public enum Scaling: Hashable, Sendable {
        /// The shorter edge has this many pixels, the aspect ratio stays.
        case shorterEdge(Int)
        /// Stretched to this size.
        case stretched(width: Int, height: Int)
    }

    /// Where a pixel of a scaled picture comes from: filters of Pillow, widened when a picture shrinks.
    public enum Resampling: Int, Hashable, Sendable {
        // The numbers of PIL.Image.Resampling, as they stand in `preprocessor_config.json`.
        case bilinear = 2
        case bicubic = 3
    }

    public let scaling: Scaling
    public let resampling: Resampling
    /// The size of the crop and of the result, in pixels.
    public let width: Int
    public let height: Int
    public let normalization: PixelNormalization

    /// - Throws: ``ImageProcessorError`` `invalidValue` when the crop is no part of every scaled picture.
    public init(
        scaling: Scaling, resampling: Resampling = .bilinear, width: Int, height: Int,
        normalization: PixelNormalization = .imageNet
    ) throws(ImageProcessorError) {
        let (scaledWidth, scaledHeight) =
            switch scaling {
            case .shorterEdge(let edge): (edge, edge)
            case .stretched(let width, let height): (width, height)
            }
        for size in [scaledWidth, scaledHeight, width, height] where !(1...Self.largestSize ~= size) {
            throw ImageProcessorError(
                code: .invalidValue, message: "a picture size of \(size) is not in 1...\(Self.largestSize)")
        }
        guard width <= scaledWidth, height <= scaledHeight else {
            throw ImageProcessorError(
                code: .invalidValue,
                message: "the crop of \(width)x\(height) is larger than the scaled picture, "
                    + "\(scaledWidth)x\(scaledHeight)")
        }
        self.scaling = scaling
        self.resampling = resampling
        self.width = width
        self.height = height
        self.normalization = normalization
    }

    /// What X-CLIP's published processors do, for a model with square pictures of `imageSize` pixels.
    ///
    /// - Throws: ``ImageProcessorError`` `invalidValue`.
    public init(imageSize: Int) throws(ImageProcessorError) {
        try self.init(scaling: .shorterEdge(imageSize), width: imageSize, height: imageSize)
    }

    private static let largestSize = 4096

    /// The form in which capture has to deliver pictures; `nil` when they have to be stretched, which capture can't.
    ///
    /// Capture scales by FFmpeg, which rounds a little differently: the reference's numbers come from
    /// ``pictureBytes(fromRGB:width:height:)``.
    public var pictureFormat: PictureFormat? {
        guard case .shorterEdge(let edge) = self.scaling else { return nil }
        return PictureFormat(shorterEdge: edge, width: self.width, height: self.height)
    }

    /// Scales and crops a picture.
    ///
    /// - Parameters:
    ///   - rgb: `[height, width, 3]`.
    ///   - width: At least 1 pixel.
    ///   - height: At least 1 pixel.
    /// - Returns: `[H, W, 3]`.
    /// - Complexity: O(width * height); memory for the rows and columns of the crop only, whatever the picture's shape.
    public func pictureBytes(fromRGB rgb: Span<UInt8>, width: Int, height: Int) -> [UInt8] {
        precondition(
            width > 0 && height > 0 && rgb.count == width * height * 3, "\(rgb.count) bytes: \(width)x\(height)")
        let scaled =
            switch self.scaling {
            case .shorterEdge(let edge):
                PictureFormat(shorterEdge: edge, width: self.width, height: self.height)
                    .scaledSize(width: width, height: height)
            case .stretched(let width, let height): (width: width, height: height)
            }
        let left = (scaled.width - self.width) / 2
        let top = (scaled.height - self.height) / 2
        let columns = ResamplingWeights(
            from: width, to: scaled.width, keeping: left..<left + self.width, filter: self.resampling)
        let rows = ResamplingWeights(
            from: height, to: scaled.height, keeping: top..<top + self.height, filter: self.resampling)
        return resample(rgb, width: width, columns: columns, rows: rows)
    }

    /// The numbers of a picture that is already scaled and cropped.
    ///
    /// - Parameter picture: `[H, W, 3]`.
    /// - Returns: `[3, H, W]`.
    public func pixelValues(fromPicture picture: Span<UInt8>) -> [Float] {
        let pixelCount = self.width * self.height
        precondition(picture.count == pixelCount * 3, "\(picture.count) bytes: \(self.width)x\(self.height)")
        let table = self.normalization.lookupTable()
        var values = [Float](repeating: 0, count: pixelCount * 3)
        for channel in 0..<3 {
            for pixel in 0..<pixelCount {
                values[channel * pixelCount + pixel] = table[channel * 256 + Int(picture[pixel * 3 + channel])]
            }
        }
        return values
    }

    /// Scales, crops and normalises a picture of any size.
    ///
    /// - Parameter rgb: `[height, width, 3]`.
    /// - Returns: `[3, H, W]`.
    public func pixelValues(fromRGB rgb: Span<UInt8>, width: Int, height: Int) -> [Float] {
        self.pixelValues(fromPicture: self.pictureBytes(fromRGB: rgb, width: width, height: height).span)
    }
}
