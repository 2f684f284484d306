import ArgumentParser
import GerundTensor

/// The number format of the matrix products, as the user names it.
enum PrecisionOption: String, CaseIterable, ExpressibleByArgument {
    /// bfloat16 where the processor has it, else float32.
    case auto
    case f32, bf16, int8

    var precision: Precision {
        switch self {
        case .auto: ComputeBackend.fastest(.bf16) == nil ? .f32 : .bf16
        case .f32: .f32
        case .bf16: .bf16
        case .int8: .int8
        }
    }
}
