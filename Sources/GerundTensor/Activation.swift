/// The non-linear function between the two layers of an MLP.
public enum Activation: String, CaseIterable, Sendable {
    /// `x * sigmoid(1.702 x)`, as OpenAI's CLIP.
    case quickGELU = "quick_gelu"
    /// `x * (1 + erf(x / sqrt 2)) / 2`.
    case gelu
}
