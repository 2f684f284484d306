/// The size of an image or a frame, in pixels.
public struct PixelSize: Hashable, Sendable, CustomStringConvertible {
    /// The number of pixels in a row.
    public var width: Int
    /// The number of rows.
    public var height: Int

    /// Creates a size.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// Creates the size of a square.
    public init(square edge: Int) {
        self.init(width: edge, height: edge)
    }

    /// This size with width and height exchanged.
    public var transposed: PixelSize { PixelSize(width: self.height, height: self.width) }

    /// The size as `640x480`.
    public var description: String { "\(self.width)x\(self.height)" }
}
