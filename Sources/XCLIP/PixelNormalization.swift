/// The conversion of 8-bit color values to the numbers that the model was trained on.
///
/// `value = (byte * rescaleFactor - mean[channel]) / standardDeviation[channel]` in float32, as the `rescale` and
/// `normalize` steps of the image processors of Hugging Face transformers.
public struct PixelNormalization: Hashable, Sendable {
    /// The factor of a byte; 1/255 maps bytes to 0...1 (HF: `rescale_factor`).
    public var rescaleFactor: Float
    /// The mean of red, green and blue after rescaling: three values (HF: `image_mean`).
    public let mean: [Float]
    /// The standard deviation of red, green and blue after rescaling: three values, none of them 0 (HF: `image_std`).
    public let standardDeviation: [Float]

    /// Bytes to 0...1, then the mean and standard deviation of ImageNet, as published with every X-CLIP checkpoint.
    public static let imageNet = PixelNormalization(
        rescaleFactor: 1 / 255, mean: [0.485, 0.456, 0.406], standardDeviation: [0.229, 0.224, 0.225])

    /// Creates a normalization.
    ///
    /// - Parameters:
    ///   - rescaleFactor: The factor of a byte.
    ///   - mean: The mean of red, green and blue after rescaling: three values.
    ///   - standardDeviation: The standard deviation of red, green and blue after rescaling: three values, none of them
    ///     0.
    public init(rescaleFactor: Float, mean: [Float], standardDeviation: [Float]) {
        precondition(
            mean.count == 3 && standardDeviation.count == 3,
            "expected three values, found \(mean) and \(standardDeviation)")
        precondition(!standardDeviation.contains(0), "a standard deviation of 0: \(standardDeviation)")
        self.rescaleFactor = rescaleFactor
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    /// Returns the normalized value of every byte for every channel: 3 * 256 values, those of red first.
    ///
    /// An image has far more pixels than there are bytes, so a lookup replaces the arithmetic.
    public func lookupTable() -> [Float] {
        (0..<3).flatMap { channel in
            (0..<256).map { byte in
                (Float(byte) * self.rescaleFactor - self.mean[channel]) / self.standardDeviation[channel]
            }
        }
    }
}
