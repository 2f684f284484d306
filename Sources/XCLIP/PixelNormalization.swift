/// How 8-bit colour values become the numbers that the model was trained on.
///
/// `value = (byte * rescaleFactor - mean[channel]) / standardDeviation[channel]`, in float32, as the `rescale` and
/// `normalize` steps of the image processors of Hugging Face transformers.
public struct PixelNormalization: Hashable, Sendable {
    /// What a byte is multiplied by; 1/255 maps it to 0...1.
    public var rescaleFactor: Float
    /// The mean of red, green and blue, after rescaling: three values.
    public let mean: [Float]
    /// The standard deviation of red, green and blue, after rescaling: three values, none of them zero.
    public let standardDeviation: [Float]

    /// Bytes to 0...1, then the mean and deviation of ImageNet, as published with every X-CLIP checkpoint.
    public static let imageNet = PixelNormalization(
        rescaleFactor: 1 / 255, mean: [0.485, 0.456, 0.406], standardDeviation: [0.229, 0.224, 0.225])

    public init(rescaleFactor: Float, mean: [Float], standardDeviation: [Float]) {
        precondition(mean.count == 3 && standardDeviation.count == 3, "red, green and blue: \(mean)")
        precondition(!standardDeviation.contains(0), "a deviation of 0: \(standardDeviation)")
        self.rescaleFactor = rescaleFactor
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    /// The normalised value of every byte: 3 * 256 values, red's first.
    ///
    /// A picture has far more pixels than there are bytes, so a look-up replaces the arithmetic.
    public func lookupTable() -> [Float] {
        (0..<3).flatMap { channel in
            (0..<256).map { byte in
                (Float(byte) * self.rescaleFactor - self.mean[channel]) / self.standardDeviation[channel]
            }
        }
    }
}
