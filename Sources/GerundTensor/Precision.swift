/// The number format of a model's matrix products.
///
/// What is between the products (the residual stream, normalisation, softmax, logits) is float32 in any case.
public enum Precision: String, CaseIterable, Sendable {
    /// Float32 throughout.
    case f32
    /// Weights and the products' inputs in bfloat16, sums in float32.
    case bf16

    /// What one weight occupies.
    public var byteCount: Int {
        switch self {
        case .f32: 4
        case .bf16: 2
        }
    }
}
