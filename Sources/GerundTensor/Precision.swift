/// The precision of a model's matrix multiplications.
///
/// Everything between the multiplications (the residual stream, normalization, softmax, logits) is float32 in any case.
public enum Precision: String, CaseIterable, Sendable {
    /// Float32 throughout.
    case f32
    /// Weights and activations of matrix multiplications in bfloat16, accumulation in float32.
    case bf16
    /// The large matrix multiplications of the vision encoder in 8-bit integers: signed weights with a scale per
    /// output, unsigned activations with a scale and a zero point per row, accumulation in int32. All others, which are
    /// small or more sensitive to quantization, in bfloat16.
    case int8

    /// The element type of the activations of this precision's matrix multiplications.
    public var elementType: ElementType {
        switch self {
        case .f32: .float32
        case .bf16: .bfloat16
        case .int8: .uint8
        }
    }

    /// The precision of the layers that don't tolerate this one.
    var fallback: Precision { self == .int8 ? .bf16 : self }

    /// The size of one weight, in bytes.
    public var byteCount: Int { self.elementType.byteCount }
}
