/// The number format of a model's matrix products.
///
/// What is between the products (the residual stream, normalisation, softmax, logits) is float32 in any case.
public enum Precision: String, CaseIterable, Sendable {
    /// Float32 throughout.
    case f32
    /// Weights and the products' inputs in bfloat16, sums in float32.
    case bf16
    /// The vision encoder's large products in bytes: weights with a scale for each output, activations with a scale and
    /// a zero for each row. All others, which are more sensitive or small, in bfloat16.
    case int8

    /// How products take their activations.
    public var format: NumberFormat {
        switch self {
        case .f32: .f32
        case .bf16: .bf16
        case .int8: .int8
        }
    }

    /// The precision of what the large products' precision would harm.
    var sensitive: Precision { self == .int8 ? .bf16 : self }

    /// What one weight occupies.
    public var byteCount: Int { self.format.byteCount }
}
