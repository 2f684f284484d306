import FoundationEssentials
import Glibc

/// Makes the engine slower than the machine is: so that tests and Tests/measure-sources can see what is given up, and
/// given back, when recognition falls behind.
///
/// The environment's `GERUND_BRAKE` is by how many times everything takes longer, or a file that says so, which is read
/// before each pass and may change at any time.
package struct EngineBrake: Sendable {
    private static let variable = "GERUND_BRAKE"
    private let setting: String

    /// - Returns: `nil` when nothing is to be slowed.
    package init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
        guard let setting = environment[Self.variable], !setting.isEmpty else { return nil }
        self.setting = setting
    }

    /// How many times as long everything takes; 1 for anything that is no number from 1 to 1000.
    package var factor: Double {
        let text =
            Double(self.setting) == nil ? try? String(contentsOfFile: self.setting, encoding: .utf8) : self.setting
        let number = text.flatMap { Double($0.filter { !$0.isWhitespace }) } ?? 1
        return 1...1000 ~= number ? number : 1
    }

    /// Holds the thread up for as long as work that began at `start` has been done too fast.
    func hold(since start: ContinuousClock.Instant) {
        let seconds = (self.factor - 1) * ((ContinuousClock.now - start) / .seconds(1))
        guard seconds > 0 else { return }
        usleep(UInt32(min(seconds, 4000) * 1e6))
    }
}
