/// The format in which a model takes frames: RGB with 8 bits per channel, scaled and center-cropped.
///
/// Capture scales each sampled frame to this format. It comes from the checkpoint's `preprocessor_config.json`.
public struct FrameFormat: Hashable, Sendable {
    /// The length of the shorter edge after scaling, in pixels; the aspect ratio is kept (Hugging Face:
    /// `size.shortest_edge`).
    public var shortestEdge: Int
    /// The size of the center crop, in pixels; no edge is longer than ``shortestEdge`` (Hugging Face: `crop_size`).
    public var cropSize: PixelSize

    /// Creates a format.
    ///
    /// - Parameters:
    ///   - shortestEdge: The length of the shorter edge after scaling, in pixels.
    ///   - cropSize: The size of the center crop, in pixels: at least 1x1, with no edge longer than `shortestEdge`.
    public init(shortestEdge: Int, cropSize: PixelSize) {
        precondition(
            cropSize.width > 0 && cropSize.height > 0 && shortestEdge >= max(cropSize.width, cropSize.height),
            "invalid crop \(cropSize) of images scaled to a shortest edge of \(shortestEdge)")
        self.shortestEdge = shortestEdge
        self.cropSize = cropSize
    }

    /// The number of bytes of one frame: rows of RGB triples without padding, `[height, width, 3]`.
    public var byteCount: Int { self.cropSize.width * self.cropSize.height * 3 }

    /// Returns the size to which an image is scaled before the crop.
    ///
    /// The longer edge is truncated to a whole pixel, as in `get_resize_output_image_size` of Hugging Face
    /// transformers.
    ///
    /// - Parameter size: The image's size, in pixels: at least 1x1.
    /// - Returns: A size whose shorter edge is ``shortestEdge``.
    public func scaledSize(of size: PixelSize) -> PixelSize {
        precondition(size.width > 0 && size.height > 0, "invalid image size \(size)")
        let edge = self.shortestEdge
        func scaled(_ longer: Int, by shorter: Int) -> Int {
            max(edge, Int(Double(edge) * Double(longer) / Double(shorter)))
        }
        return size.width <= size.height
            ? PixelSize(width: edge, height: scaled(size.height, by: size.width))
            : PixelSize(width: scaled(size.width, by: size.height), height: edge)
    }
}
