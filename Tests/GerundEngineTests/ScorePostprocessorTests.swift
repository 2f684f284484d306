import GerundCore
import GerundEngine
import GerundEvents
import GerundStream
import GerundTesting
import Glibc
import Testing

@Suite("ScorePostprocessor")
struct ScorePostprocessorTests {
    private let labels: LabelSet
    private let plan: SamplingPlan

    init() throws {
        self.labels = try LabelSet(
            labels: ["walking", "running"], background: ["standing still"], for: DemoModel.model.get())
        self.plan = try DemoModel.plan()
    }

    private func postprocessor(
        smoothing: Duration = .zero, levels: [String: HysteresisThresholds] = [:]
    ) -> ScorePostprocessor {
        ScorePostprocessor(
            configuration: RecognizerConfiguration(
                labels: self.labels, plan: self.plan, smoothing: smoothing,
                thresholds: EventThresholds(
                    startThreshold: 0.6, endThreshold: 0.4, minimumDuration: .milliseconds(500), mergeGap: .seconds(1),
                    labelThresholds: levels)))
    }

    /// Returns logits that give the labels these scores.
    private func logits(_ scores: Double...) -> [Float] { scores.map { Float(log($0 / (1 - $0))) } + [0] }

    private func time(_ window: Int) -> MediaTime { MediaTime(seconds: 0.25 * Double(window)) }

    private func starts(_ decision: ScorePostprocessor.Decision) -> Bool {
        decision.changes.contains { if case .started = $0 { true } else { false } }
    }

    @Test("Confirms a start whose score could be below the start threshold")
    func margin() {
        var postprocessor = self.postprocessor()
        for window in 0..<2 { _ = postprocessor.windowArrived(logits: self.logits(0.7, 0.1), at: self.time(window)) }
        func needsConfirmation(_ score: Double, _ other: Double = 0.1, within bound: Double) -> Bool {
            postprocessor.needsExactConfirmation(logits: self.logits(score, other), at: self.time(2), bound: bound)
        }
        #expect(!needsConfirmation(0.7, within: 0.09))
        #expect(needsConfirmation(0.7, within: 0.11))
        #expect(needsConfirmation(0.9, 0.85, within: 0.2), "the other label may have the higher score")
        #expect(needsConfirmation(0.99, within: 1), "the error of fast mode is unknown")
        #expect(!needsConfirmation(0.3, within: 1), "no event would start")
    }

    @Test("Confirms no window before one that would start an event")
    func early() {
        var postprocessor = self.postprocessor()
        #expect(!postprocessor.needsExactConfirmation(logits: self.logits(0.9, 0.1), at: self.time(0), bound: 1))
        _ = postprocessor.windowArrived(logits: self.logits(0.9, 0.1), at: self.time(0))
        #expect(!postprocessor.needsExactConfirmation(logits: self.logits(0.9, 0.1), at: self.time(1), bound: 1))
    }

    @Test("Starts no event with an exact window below the threshold, whatever the fast ones before it")
    func support() {
        var postprocessor = self.postprocessor(smoothing: .seconds(10))
        for window in 0..<2 { _ = postprocessor.windowArrived(logits: self.logits(0.95, 0.1), at: self.time(window)) }
        var other = postprocessor
        let supported = other.exactWindowArrived(logits: self.logits(0.8, 0.1), at: self.time(2))
        let held = postprocessor.exactWindowArrived(logits: self.logits(0.3, 0.1), at: self.time(2))
        #expect(held.label == 0 && held.scores[0] > 0.9, "still smoothed from fast windows")
        #expect(!self.starts(held))
        // The next one may start it, with the same start time as without the delay.
        let next = postprocessor.exactWindowArrived(logits: self.logits(0.8, 0.1), at: self.time(3))
        guard case .started(0, let usual, _)? = supported.changes.first,
            case .started(0, let start, _)? = next.changes.first
        else {
            Issue.record("no starts: \(supported), \(next)")
            return
        }
        #expect(start == usual)
    }

    @Test("Uses a label's own thresholds")
    func ownLevels() {
        var postprocessor = self.postprocessor(
            smoothing: .seconds(10), levels: ["walking": HysteresisThresholds(start: 0.9, end: 0.4)])
        for window in 0..<2 { _ = postprocessor.windowArrived(logits: self.logits(0.95, 0.1), at: self.time(window)) }
        var other = postprocessor
        #expect(!self.starts(other.exactWindowArrived(logits: self.logits(0.8, 0.1), at: self.time(2))))
        #expect(self.starts(postprocessor.exactWindowArrived(logits: self.logits(0.92, 0.1), at: self.time(2))))
    }

    /// With random scores, no event starts with a fast window whose exact scores wouldn't have started it.
    @Test("Starts only events that exact windows support, as long as the error bound holds", arguments: 0..<40)
    func property(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let bound = Double.random(in: 0.01...0.4, using: &random)
        var postprocessor = self.postprocessor(smoothing: .milliseconds(Int64.random(in: 0...1000, using: &random)))
        var exact = [0.5, 0.5]
        var count = 0
        for window in 0..<400 {
            exact = exact.map { min(0.99, max(0.01, $0 + .random(in: -0.2...0.2, using: &random))) }
            let fast = exact.map { min(0.995, max(0.005, $0 + .random(in: -bound...bound, using: &random))) }
            let time = self.time(window)
            let fastLogits = self.logits(fast[0], fast[1])
            let before = postprocessor
            let needsConfirmation = postprocessor.needsExactConfirmation(logits: fastLogits, at: time, bound: bound)
            let decision =
                needsConfirmation
                ? postprocessor.exactWindowArrived(logits: self.logits(exact[0], exact[1]), at: time)
                : postprocessor.windowArrived(logits: fastLogits, at: time)
            for case .started(let label, _, _) in decision.changes {
                count += 1
                if needsConfirmation {
                    #expect(exact[label] > 0.6 - 1e-6)
                } else {
                    // The exact window in place of the fast one would have started it too.
                    var other = before
                    let same = other.windowArrived(logits: self.logits(exact[0], exact[1]), at: time)
                    #expect(same.changes == decision.changes || self.starts(same), "seed \(seed), window \(window)")
                }
            }
        }
        #expect(count > 0)
    }
}
