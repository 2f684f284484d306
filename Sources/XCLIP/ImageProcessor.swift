public import GerundCore

/// Preprocesses an image for the model: resize, center crop, normalize (HF: `VideoMAEImageProcessor`, as in
/// `XCLIPProcessor`).
///
/// The 8-bit result equals that of the reference bit for bit: resampling is Pillow's, with its rounding.
///
/// H, W = height and width of the crop, 224 for the published checkpoints.
public struct ImageProcessor: Hashable, Sendable {
    /// The size of an image before the crop (HF: `size`).
    public enum Scaling: Hashable, Sendable {
        /// The shorter edge gets this many pixels, and the aspect ratio is kept (HF: `shortest_edge`).
        case shortestEdge(Int)
        /// Exactly this size, whatever the aspect ratio (HF: `width`, `height`).
        case exact(width: Int, height: Int)
    }

    /// A resampling filter of Pillow, widened when an image shrinks.
    ///
    /// Raw values are those of `PIL.Image.Resampling`, as `preprocessor_config.json` contains them (HF: `resample`).
    public enum Resampling: Int, Hashable, Sendable {
        /// A triangle filter.
        case bilinear = 2
        /// The cubic filter with a = -0.5.
        case bicubic = 3
    }

    /// The size of an image before the crop.
    public let scaling: Scaling
    /// The filter that resizes an image.
    public let resampling: Resampling
    /// The width of the crop and of the result, in pixels (W).
    public let width: Int
    /// The height of the crop and of the result, in pixels (H).
    public let height: Int
    /// The conversion of bytes to numbers (HF: `rescale_factor`, `image_mean`, `image_std`).
    public let normalization: PixelNormalization

    /// Creates an image processor.
    ///
    /// - Parameters:
    ///   - scaling: The size of an image before the crop; every edge 1 to 4096 pixels.
    ///   - resampling: The filter that resizes an image. The default is bilinear.
    ///   - width: The width of the crop, in pixels.
    ///   - height: The height of the crop, in pixels.
    ///   - normalization: The conversion of bytes to numbers. The default is that of ImageNet.
    /// - Throws: ``ImageProcessorError`` with the code `invalidValue` if a size is out of range, or the crop can be
    ///   larger than the resized image.
    public init(
        scaling: Scaling, resampling: Resampling = .bilinear, width: Int, height: Int,
        normalization: PixelNormalization = .imageNet
    ) throws(ImageProcessorError) {
        let (scaledWidth, scaledHeight) =
            switch scaling {
            case .shortestEdge(let edge): (edge, edge)
            case .exact(let width, let height): (width, height)
            }
        for size in [scaledWidth, scaledHeight, width, height] where !(1...Self.largestSize ~= size) {
            throw ImageProcessorError(
                code: .invalidValue, message: "an image size of \(size) is not in 1...\(Self.largestSize)")
        }
        guard width <= scaledWidth, height <= scaledHeight else {
            throw ImageProcessorError(
                code: .invalidValue,
                message: "the crop of \(width)x\(height) is larger than the resized image, "
                    + "\(scaledWidth)x\(scaledHeight)")
        }
        self.scaling = scaling
        self.resampling = resampling
        self.width = width
        self.height = height
        self.normalization = normalization
    }

    /// Creates the image processor of the published X-CLIP checkpoints, for a model whose images are square.
    ///
    /// - Parameter imageSize: The width and height of the model's images, in pixels, 1 to 4096.
    /// - Throws: ``ImageProcessorError`` with the code `invalidValue` if the size is out of range.
    public init(imageSize: Int) throws(ImageProcessorError) {
        try self.init(scaling: .shortestEdge(imageSize), width: imageSize, height: imageSize)
    }

    private static let largestSize = 4096

    /// The format in which capture delivers frames for this processor; `nil` for an exact scaling, which capture
    /// doesn't support.
    ///
    /// Capture resizes with FFmpeg, whose rounding differs slightly from Pillow's. The reference's numbers come from
    /// ``resizedAndCropped(rgb:width:height:)``.
    public var frameFormat: FrameFormat? {
        guard case .shortestEdge(let edge) = self.scaling else { return nil }
        return FrameFormat(shortestEdge: edge, cropSize: PixelSize(width: self.width, height: self.height))
    }

    /// Resizes and crops an image.
    ///
    /// - Parameters:
    ///   - rgb: The image, `[height, width, 3]`.
    ///   - width: The width of the image, at least 1 pixel.
    ///   - height: The height of the image, at least 1 pixel.
    /// - Returns: The crop, `[H, W, 3]`.
    /// - Complexity: O(width * height); allocates memory for the rows and columns of the crop only, whatever the
    ///   image's aspect ratio.
    public func resizedAndCropped(rgb: Span<UInt8>, width: Int, height: Int) -> [UInt8] {
        precondition(
            width > 0 && height > 0 && rgb.count == width * height * 3, "\(rgb.count) bytes: \(width)x\(height)")
        let scaled =
            switch self.scaling {
            case .shortestEdge(let edge):
                FrameFormat(shortestEdge: edge, cropSize: PixelSize(width: self.width, height: self.height))
                    .scaledSize(of: PixelSize(width: width, height: height))
            case .exact(let width, let height): PixelSize(width: width, height: height)
            }
        let left = (scaled.width - self.width) / 2
        let top = (scaled.height - self.height) / 2
        let columns = ResamplingWeights(
            from: width, to: scaled.width, cropping: left..<left + self.width, filter: self.resampling)
        let rows = ResamplingWeights(
            from: height, to: scaled.height, cropping: top..<top + self.height, filter: self.resampling)
        return ResamplingWeights.resample(rgb, width: width, columns: columns, rows: rows)
    }

    /// Returns the normalized values of an image that is already resized and cropped (HF: `pixel_values`).
    ///
    /// - Parameter image: The crop, `[H, W, 3]`.
    /// - Returns: The values, `[3, H, W]`.
    public func pixelValues(fromCropped image: Span<UInt8>) -> [Float] {
        let pixelCount = self.width * self.height
        precondition(image.count == pixelCount * 3, "\(image.count) bytes: \(self.width)x\(self.height)")
        let table = self.normalization.lookupTable()
        var values = [Float](repeating: 0, count: pixelCount * 3)
        for channel in 0..<3 {
            for pixel in 0..<pixelCount {
                values[channel * pixelCount + pixel] = table[channel * 256 + Int(image[pixel * 3 + channel])]
            }
        }
        return values
    }

    /// Resizes, crops and normalizes an image of any size (HF: `pixel_values`).
    ///
    /// - Parameters:
    ///   - rgb: The image, `[height, width, 3]`.
    ///   - width: The width of the image, at least 1 pixel.
    ///   - height: The height of the image, at least 1 pixel.
    /// - Returns: The values, `[3, H, W]`.
    public func pixelValues(fromRGB rgb: Span<UInt8>, width: Int, height: Int) -> [Float] {
        self.pixelValues(fromCropped: self.resizedAndCropped(rgb: rgb, width: width, height: height).span)
    }
}
