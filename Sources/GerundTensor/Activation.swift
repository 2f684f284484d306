/// The non-linear function between the two layers of an MLP.
///
/// The raw values are those of `hidden_act` in a Hugging Face configuration.
public enum Activation: String, CaseIterable, Sendable {
    /// `x * sigmoid(1.702 x)`, the approximation of GELU in OpenAI's CLIP (arXiv:2103.00020).
    case quickGELU = "quick_gelu"
    /// `x * (1 + erf(x / sqrt 2)) / 2`, the exact GELU (arXiv:1606.08415).
    case gelu
}
