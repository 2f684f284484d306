/// The element type of the activations that a matrix multiplication reads.
public enum ElementType: Sendable {
    /// IEEE 754 binary32.
    case float32
    /// The upper 16 bits of a float32: 8 bits of exponent, 8 significant bits.
    case bfloat16
    /// Unsigned 8-bit integers with a scale and a zero point per row: `x = scale * (byte - zeroPoint)`. The weights
    /// they are multiplied by are signed bytes.
    case uint8

    /// The size of one element, in bytes.
    var byteCount: Int {
        switch self {
        case .float32: 4
        case .bfloat16: 2
        case .uint8: 1
        }
    }
}
