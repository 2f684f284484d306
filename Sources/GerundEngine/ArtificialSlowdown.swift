import FoundationEssentials
import Glibc

/// Artificially slows the engine, for tests and measurements of load shedding.
///
/// The environment variable `GERUND_DEBUG_SLOWDOWN` is a factor by which everything takes longer, such as `10`; or a
/// minimum time per batch, such as `0.5s`, which is the same on a busy machine; or the path of a file with one of
/// these, which is read before each batch and may change at any time.
package struct ArtificialSlowdown: Sendable {
    private static let variable = "GERUND_DEBUG_SLOWDOWN"
    private let setting: String

    /// Creates a slowdown from the environment; `nil` if the variable isn't set.
    ///
    /// - Parameter environment: The variables by name.
    package init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
        guard let setting = environment[Self.variable], !setting.isEmpty else { return nil }
        self.setting = setting
    }

    /// The kind and size of a slowdown.
    package enum Pace: Hashable, Sendable {
        /// The factor by which work takes longer, in `1...1000`.
        case times(Double)
        /// The minimum time of a batch, in seconds, in `0...1000`.
        case atLeast(Double)

        fileprivate init?(_ text: String) {
            let text = text.filter { !$0.isWhitespace }
            let isTime = text.hasSuffix("s")
            guard let number = Double(isTime ? String(text.dropLast()) : text) else { return nil }
            switch isTime {
            case true where 0...1000 ~= number: self = .atLeast(number)
            case false where 1...1000 ~= number: self = .times(number)
            default: return nil
            }
        }

        /// Returns the slowed-down duration of work, in seconds, from its actual one.
        fileprivate func seconds(_ seconds: Double) -> Double {
            switch self {
            case .times(let factor): factor * seconds
            case .atLeast(let minimum): max(minimum, seconds)
            }
        }
    }

    /// The current pace.
    ///
    /// An invalid setting doesn't slow anything.
    package var pace: Pace {
        Pace(self.setting) ?? (try? String(contentsOfFile: self.setting, encoding: .utf8)).flatMap(Pace.init)
            ?? .times(1)
    }

    /// Blocks the thread until work that began at `start` has taken as long as the pace prescribes.
    func delay(since start: ContinuousClock.Instant) {
        let taken = (ContinuousClock.now - start) / .seconds(1)
        let rest = self.pace.seconds(taken) - taken
        guard rest > 0 else { return }
        usleep(UInt32(min(rest, 4000) * 1e6))
    }
}
