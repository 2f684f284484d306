/// What a safetensors file says of one tensor.
public struct TensorInfo: Hashable, Sendable {
    /// The type of the elements.
    public var elementType: ElementType
    /// Slowest axis first; `[]` is a scalar.
    public var shape: [Int]
    /// Where the elements are, in bytes from the beginning of the file.
    public var byteRange: Range<Int>

    /// The element types of the safetensors format, by their names in it.
    public enum ElementType: String, Sendable, CustomStringConvertible {
        case bool = "BOOL"
        case f4 = "F4"
        case f6e2m3 = "F6_E2M3"
        case f6e3m2 = "F6_E3M2"
        case u8 = "U8"
        case i8 = "I8"
        case f8e5m2 = "F8_E5M2"
        case f8e4m3 = "F8_E4M3"
        case f8e8m0 = "F8_E8M0"
        case f8e4m3fnuz = "F8_E4M3FNUZ"
        case f8e5m2fnuz = "F8_E5M2FNUZ"
        case i16 = "I16"
        case u16 = "U16"
        case f16 = "F16"
        case bf16 = "BF16"
        case i32 = "I32"
        case u32 = "U32"
        case f32 = "F32"
        case c64 = "C64"
        case f64 = "F64"
        case i64 = "I64"
        case u64 = "U64"

        public var description: String { self.rawValue }

        /// The size of one element, in bits; the smallest types share bytes.
        var bits: Int {
            switch self {
            case .f4: 4
            case .f6e2m3, .f6e3m2: 6
            case .bool, .u8, .i8, .f8e5m2, .f8e4m3, .f8e8m0, .f8e4m3fnuz, .f8e5m2fnuz: 8
            case .i16, .u16, .f16, .bf16: 16
            case .i32, .u32, .f32: 32
            case .c64, .f64, .i64, .u64: 64
            }
        }
    }
}

extension TensorInfo: CustomStringConvertible {
    /// For example `F32 tensor [768, 768]`.
    public var description: String { "\(self.elementType) tensor \(self.shape)" }

    /// The bytes that a tensor of that type and shape has; `nil` when there are more than an `Int` can count, or
    /// they are no whole number.
    static func byteCount(of type: ElementType, shape: [Int]) -> Int? {
        var bits = type.bits
        for extent in shape {
            let (product, overflow) = bits.multipliedReportingOverflow(by: extent)
            guard !overflow else { return nil }
            bits = product
        }
        return bits.isMultiple(of: 8) ? bits / 8 : nil
    }
}
