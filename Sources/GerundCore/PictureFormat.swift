/// The form in which the model wants its pictures: RGB, 8 bits, scaled and cropped.
///
/// Capture scales each sampled frame once, straight to this form. Taken from the checkpoint's
/// `preprocessor_config.json`.
public struct PictureFormat: Hashable, Sendable {
    /// The shorter edge after scaling, in pixels; the aspect ratio is kept.
    public var shorterEdge: Int
    /// The width of the centre crop, in pixels; not above ``shorterEdge``.
    public var width: Int
    /// The height of the centre crop, in pixels; not above ``shorterEdge``.
    public var height: Int

    public init(shorterEdge: Int, width: Int, height: Int) {
        precondition(width > 0 && height > 0 && shorterEdge >= max(width, height), "no picture: \(width)x\(height)")
        self.shorterEdge = shorterEdge
        self.width = width
        self.height = height
    }

    /// The bytes of one picture: rows of RGB triples without padding, `[height, width, 3]`.
    public var byteCount: Int { self.width * self.height * 3 }

    /// The size to which a picture of the given size is scaled before the crop.
    ///
    /// The longer edge is cut to a whole pixel, as in `get_resize_output_image_size` of Hugging Face transformers.
    public func scaledSize(width: Int, height: Int) -> (width: Int, height: Int) {
        precondition(width > 0 && height > 0, "no picture: \(width)x\(height)")
        let edge = self.shorterEdge
        return width <= height
            ? (edge, max(edge, Int(Double(edge) * Double(height) / Double(width))))
            : (max(edge, Int(Double(edge) * Double(width) / Double(height))), edge)
    }
}
