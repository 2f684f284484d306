public import GerundTensor

/// The form of a command's output.
public enum OutputFormat: String, CaseIterable, Hashable, Sendable {
    /// Text on a terminal, JSON Lines otherwise.
    case auto
    /// Text for people.
    case text
    /// JSON Lines.
    case jsonl
    /// The full-screen view.
    case screen
}

/// The number format of matrix multiplication, as the user names it.
public enum PrecisionSetting: String, CaseIterable, Hashable, Sendable {
    /// bfloat16 where the processor supports it, else float32.
    case auto
    /// float32.
    case f32
    /// bfloat16.
    case bf16
    /// 8-bit integers.
    case int8

    /// The number format; that of ``auto`` depends on the processor.
    public var precision: Precision {
        switch self {
        case .auto: ComputeBackend.supports(.bf16) ? .bf16 : .f32
        case .f32: .f32
        case .bf16: .bf16
        case .int8: .int8
        }
    }
}
