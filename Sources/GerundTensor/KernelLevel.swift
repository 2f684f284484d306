import CGerundKernels
import Glibc

/// A set of processor instructions that the row kernels are written for; a higher one is faster.
public enum KernelLevel: String, CaseIterable, Comparable, Sendable {
    case scalar, avx2, avx512

    /// The highest level that this machine can run.
    public static let detected = KernelLevel(gk_detect_level())

    /// The levels that this machine can run.
    public static var supported: [KernelLevel] { Self.allCases.filter { $0 <= Self.detected } }

    /// The level to use: the detected one, or a lower one asked for by `GERUND_CPU_LEVEL=scalar|avx2|avx512`.
    ///
    /// A name that is none of these, or a level above the machine's, changes nothing.
    public static let selected: KernelLevel = {
        guard let value = unsafe getenv("GERUND_CPU_LEVEL") else { return Self.detected }
        return KernelLevel(rawValue: unsafe String(cString: value)).map { min($0, Self.detected) } ?? Self.detected
    }()

    public static func < (left: KernelLevel, right: KernelLevel) -> Bool {
        left.code.rawValue < right.code.rawValue
    }

    private init(_ code: gk_level) {
        switch code {
        case GK_AVX512: self = .avx512
        case GK_AVX2: self = .avx2
        default: self = .scalar
        }
    }

    var code: gk_level {
        switch self {
        case .scalar: GK_SCALAR
        case .avx2: GK_AVX2
        case .avx512: GK_AVX512
        }
    }
}
