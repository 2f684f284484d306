import ArgumentParser
import GerundEngine

/// How windows are computed, as the user names it.
enum ModeOption: String, CaseIterable, ExpressibleByArgument {
    case exact, fast, auto

    var mode: RecognitionMode {
        switch self {
        case .exact: .exact
        case .fast: .fast
        case .auto: .auto
        }
    }
}
