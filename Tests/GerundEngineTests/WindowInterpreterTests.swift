import GerundCore
import GerundEngine
import GerundEvents
import GerundStream
import GerundTesting
import Glibc
import Testing

@Suite("What windows mean")
struct WindowInterpreterTests {
    private let labels: LabelSet
    private let plan: WindowPlan

    init() throws {
        self.labels = try LabelSet(
            labels: ["walking", "running"], background: ["standing still"], for: DemoModel.model.get())
        self.plan = try DemoModel.plan()
    }

    private func interpreter(
        smoothing: Duration = .zero, levels: [String: EventLevels] = [:]
    ) -> WindowInterpreter {
        WindowInterpreter(
            configuration: RecognizerConfiguration(
                labels: self.labels, plan: self.plan, smoothing: smoothing,
                thresholds: EventThresholds(
                    enter: 0.6, exit: 0.4, minimumDuration: .milliseconds(500), mergeGap: .seconds(1),
                    levels: levels)))
    }

    /// Logits that give the labels these scores.
    private func logits(_ scores: Double...) -> [Float] { scores.map { Float(log($0 / (1 - $0))) } + [0] }

    private func time(_ window: Int) -> MediaTime { MediaTime(seconds: 0.25 * Double(window)) }

    private func starts(_ reading: WindowInterpreter.Reading) -> Bool {
        reading.changes.contains { if case .started = $0 { true } else { false } }
    }

    @Test("doubts a start whose score could lie below the level above which events start")
    func margin() {
        var interpreter = self.interpreter()
        for window in 0..<2 { _ = interpreter.windowArrived(logits: self.logits(0.7, 0.1), at: self.time(window)) }
        func doubts(_ score: Double, _ other: Double = 0.1, within bound: Double) -> Bool {
            interpreter.startsDoubtfully(logits: self.logits(score, other), at: self.time(2), bound: bound)
        }
        #expect(!doubts(0.7, within: 0.09))
        #expect(doubts(0.7, within: 0.11))
        #expect(doubts(0.9, 0.85, within: 0.2), "the other label may be the likelier one")
        #expect(doubts(0.99, within: 1), "nothing is known of the fast mode yet")
        #expect(!doubts(0.3, within: 1), "no event would start")
    }

    @Test("doubts no window before one that would start an event")
    func early() {
        var interpreter = self.interpreter()
        #expect(!interpreter.startsDoubtfully(logits: self.logits(0.9, 0.1), at: self.time(0), bound: 1))
        _ = interpreter.windowArrived(logits: self.logits(0.9, 0.1), at: self.time(0))
        #expect(!interpreter.startsDoubtfully(logits: self.logits(0.9, 0.1), at: self.time(1), bound: 1))
    }

    @Test("starts no event on an exact window that doesn't support it, whatever fast ones before it said")
    func support() {
        var interpreter = self.interpreter(smoothing: .seconds(10))
        for window in 0..<2 { _ = interpreter.windowArrived(logits: self.logits(0.95, 0.1), at: self.time(window)) }
        var other = interpreter
        let supported = other.exactWindowArrived(logits: self.logits(0.8, 0.1), at: self.time(2))
        let held = interpreter.exactWindowArrived(logits: self.logits(0.3, 0.1), at: self.time(2))
        #expect(held.label == 0 && held.scores[0] > 0.9, "still smoothed from fast windows")
        #expect(!self.starts(held))
        // The next may start it, dated as if it had not waited.
        let next = interpreter.exactWindowArrived(logits: self.logits(0.8, 0.1), at: self.time(3))
        guard case .started(0, let usual, _)? = supported.changes.first,
            case .started(0, let start, _)? = next.changes.first
        else {
            Issue.record("no starts: \(supported), \(next)")
            return
        }
        #expect(start == usual)
    }

    @Test("holds a label with levels of its own to these")
    func ownLevels() {
        var interpreter = self.interpreter(
            smoothing: .seconds(10), levels: ["walking": EventLevels(enter: 0.9, exit: 0.4)])
        for window in 0..<2 { _ = interpreter.windowArrived(logits: self.logits(0.95, 0.1), at: self.time(window)) }
        var other = interpreter
        #expect(!self.starts(other.exactWindowArrived(logits: self.logits(0.8, 0.1), at: self.time(2))))
        #expect(self.starts(interpreter.exactWindowArrived(logits: self.logits(0.92, 0.1), at: self.time(2))))
    }

    /// Any scores: with true ones at hand, no event starts on a fast window that they would not have supported.
    @Test("starts events that exact windows support, as long as the bound is kept", arguments: 0..<40)
    func property(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let bound = Double.random(in: 0.01...0.4, using: &random)
        var interpreter = self.interpreter(smoothing: .milliseconds(Int64.random(in: 0...1000, using: &random)))
        var exact = [0.5, 0.5]
        var count = 0
        for window in 0..<400 {
            exact = exact.map { min(0.99, max(0.01, $0 + .random(in: -0.2...0.2, using: &random))) }
            let fast = exact.map { min(0.995, max(0.005, $0 + .random(in: -bound...bound, using: &random))) }
            let time = self.time(window)
            let fastLogits = self.logits(fast[0], fast[1])
            let before = interpreter
            let isDoubtful = interpreter.startsDoubtfully(logits: fastLogits, at: time, bound: bound)
            let reading =
                isDoubtful
                ? interpreter.exactWindowArrived(logits: self.logits(exact[0], exact[1]), at: time)
                : interpreter.windowArrived(logits: fastLogits, at: time)
            for case .started(let label, _, _) in reading.changes {
                count += 1
                if isDoubtful {
                    #expect(exact[label] > 0.6 - 1e-6)
                } else {
                    // The exact window in the fast one's place would have started it too.
                    var other = before
                    let same = other.windowArrived(logits: self.logits(exact[0], exact[1]), at: time)
                    #expect(same.changes == reading.changes || self.starts(same), "seed \(seed), window \(window)")
                }
            }
        }
        #expect(count > 0)
    }
}
