/// The description of one tensor in a safetensors file.
public struct TensorInfo: Hashable, Sendable {
    /// The type of the elements.
    public var elementType: ElementType
    /// The extents, slowest axis first; `[]` is a scalar.
    public var shape: [Int]
    /// The position of the elements, in bytes from the beginning of the file.
    public var byteRange: Range<Int>

    /// The element types of the safetensors format, by their names in it.
    public enum ElementType: String, Sendable, CustomStringConvertible {
        /// Booleans of one byte.
        case bool = "BOOL"
        /// 4-bit floating point (E2M1).
        case f4 = "F4"
        /// 6-bit floating point, 2 bits of exponent and 3 of mantissa.
        case f6e2m3 = "F6_E2M3"
        /// 6-bit floating point, 3 bits of exponent and 2 of mantissa.
        case f6e3m2 = "F6_E3M2"
        /// 8-bit unsigned integers.
        case u8 = "U8"
        /// 8-bit signed integers.
        case i8 = "I8"
        /// 8-bit floating point, 5 bits of exponent and 2 of mantissa.
        case f8e5m2 = "F8_E5M2"
        /// 8-bit floating point, 4 bits of exponent and 3 of mantissa.
        case f8e4m3 = "F8_E4M3"
        /// 8-bit powers of two.
        case f8e8m0 = "F8_E8M0"
        /// `f8e4m3` without infinities and negative zero.
        case f8e4m3fnuz = "F8_E4M3FNUZ"
        /// `f8e5m2` without infinities and negative zero.
        case f8e5m2fnuz = "F8_E5M2FNUZ"
        /// 16-bit signed integers.
        case i16 = "I16"
        /// 16-bit unsigned integers.
        case u16 = "U16"
        /// IEEE half precision.
        case f16 = "F16"
        /// bfloat16, the upper half of a `float32`.
        case bf16 = "BF16"
        /// 32-bit signed integers.
        case i32 = "I32"
        /// 32-bit unsigned integers.
        case u32 = "U32"
        /// IEEE single precision.
        case f32 = "F32"
        /// Complex numbers of two `float32`.
        case c64 = "C64"
        /// IEEE double precision.
        case f64 = "F64"
        /// 64-bit signed integers.
        case i64 = "I64"
        /// 64-bit unsigned integers.
        case u64 = "U64"

        /// The name in the safetensors format.
        public var description: String { self.rawValue }

        /// The size of an element, in bits; elements of the smallest types share bytes.
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
    /// An example is `F32 tensor [768, 768]`.
    public var description: String { "\(self.elementType) tensor \(self.shape)" }

    /// Returns the size of a tensor, in bytes; `nil` if it exceeds `Int.max` or isn't a whole number of bytes.
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
