import FoundationEssentials
import Glibc

/// Makes the engine slower than the machine is: so that tests and Tests/measure-sources can see what is given up, and
/// given back, when recognition falls behind.
///
/// The environment's `GERUND_BRAKE` is by how many times everything takes longer, such as `10`, or how long each pass
/// takes at least, such as `0.5s`, which is the same on a busy machine; or a file that says so, which is read before each
/// pass and may change at any time.
package struct EngineBrake: Sendable {
    private static let variable = "GERUND_BRAKE"
    private let setting: String

    /// - Returns: `nil` when nothing is to be slowed.
    package init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
        guard let setting = environment[Self.variable], !setting.isEmpty else { return nil }
        self.setting = setting
    }

    /// How slow work is made.
    package enum Pace: Hashable, Sendable {
        /// So many times as long, 1 to 1000.
        case times(Double)
        /// So many seconds at least, up to 1000.
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

        /// How long work has to take that took so many seconds.
        fileprivate func seconds(_ seconds: Double) -> Double {
            switch self {
            case .times(let factor): factor * seconds
            case .atLeast(let least): max(least, seconds)
            }
        }
    }

    /// The present pace; as fast as it goes for anything that isn't one.
    package var pace: Pace {
        Pace(self.setting) ?? (try? String(contentsOfFile: self.setting, encoding: .utf8)).flatMap(Pace.init)
            ?? .times(1)
    }

    /// Holds the thread up for as long as work that began at `start` has been done too fast.
    func hold(since start: ContinuousClock.Instant) {
        let taken = (ContinuousClock.now - start) / .seconds(1)
        let rest = self.pace.seconds(taken) - taken
        guard rest > 0 else { return }
        usleep(UInt32(min(rest, 4000) * 1e6))
    }
}
