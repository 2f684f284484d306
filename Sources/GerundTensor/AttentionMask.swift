/// The keys that each query of an attention attends to.
public enum AttentionMask: Sendable {
    /// Every query attends to every key.
    case none
    /// Query r attends to the keys 0...r only, as in CLIP's text encoder.
    case causal
}
