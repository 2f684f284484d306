import CGerundKernels
import Glibc

/// An instruction-set level that the row kernels are written for; higher levels are faster.
public enum KernelLevel: String, CaseIterable, Comparable, Sendable {
    /// Plain C, for every processor.
    case scalar
    /// AVX2 with FMA.
    case avx2
    /// AVX-512 F, BW, DQ and VL.
    case avx512

    /// The highest level that this machine can run.
    public static let detected = KernelLevel(gerund_detect_kernel_level())

    /// The levels that this machine can run, in ascending order.
    public static var supported: [KernelLevel] { Self.allCases.filter { $0 <= Self.detected } }

    /// The level in use: ``detected``, or the lower one that the environment variable `GERUND_MAX_ISA` names
    /// (`scalar`, `avx2` or `avx512`).
    ///
    /// Another value, or a level above the machine's, has no effect.
    public static let selected: KernelLevel = {
        guard let value = unsafe getenv("GERUND_MAX_ISA") else { return Self.detected }
        return KernelLevel(rawValue: unsafe String(cString: value)).map { min($0, Self.detected) } ?? Self.detected
    }()

    /// Returns whether the left level is slower than the right one.
    public static func < (left: KernelLevel, right: KernelLevel) -> Bool {
        left.code.rawValue < right.code.rawValue
    }

    private init(_ code: gerund_kernel_level) {
        switch code {
        case GERUND_AVX512: self = .avx512
        case GERUND_AVX2: self = .avx2
        default: self = .scalar
        }
    }

    var code: gerund_kernel_level {
        switch self {
        case .scalar: GERUND_SCALAR
        case .avx2: GERUND_AVX2
        case .avx512: GERUND_AVX512
        }
    }
}
