import GerundCore
import GerundEvents
import GerundTesting
import Testing

@Suite("FalseAlarmCounter")
struct FalseAlarmCounterTests {
    private let thresholds = EventThresholds(minimumDuration: .milliseconds(500), mergeGap: .seconds(1))

    private func counter(_ enters: [Double], labels: Int = 1) -> FalseAlarmCounter {
        FalseAlarmCounter(
            labelCount: labels, candidates: enters.map { HysteresisThresholds(start: $0, end: $0 / 2) },
            rules: self.thresholds, windowExtent: .seconds(2))
    }

    private func time(_ window: Int) -> MediaTime { MediaTime(seconds: 0.25 * Double(window)) }

    @Test("Counts one alarm per action that lasts, at the thresholds that it exceeds")
    func levels() {
        var counter = self.counter([0.5, 0.7, 0.9])
        let scores = [0.1, 0.1, 0.8, 0.8, 0.8, 0.8] + Array(repeating: 0.1, count: 20) + [0.6, 0.6, 0.6, 0.6, 0.1]
        for (window, score) in scores.enumerated() { counter.windowArrived([score], at: self.time(window)) }
        #expect(counter.counts == [[2, 1, 0]])
        #expect(counter.observedDuration == .milliseconds(250) * (scores.count - 1))
    }

    @Test("Counts every label as if it were alone")
    func labels() {
        var counter = self.counter([0.5], labels: 2)
        for window in 0..<8 { counter.windowArrived([0.9, 0.8], at: self.time(window)) }
        #expect(counter.counts == [[1], [1]])
    }

    @Test("Counts no time across a break, and a new alarm after it")
    func breaks() {
        var counter = self.counter([0.5])
        for window in 0..<5 { counter.windowArrived([0.9], at: self.time(window)) }
        counter.streamEnded()
        counter.streamEnded()
        for window in 400..<405 { counter.windowArrived([0.9], at: self.time(window)) }
        #expect(counter.counts == [[2]])
        #expect(counter.observedDuration == .seconds(2))
    }

    @Test("Counts the events that the same scores give", arguments: 0..<50)
    func sameRules(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let enters = [0.3, 0.5, 0.7, 0.9]
        var counter = self.counter(enters)
        var makers = enters.map { enter in
            let own = EventThresholds(
                startThreshold: enter, endThreshold: enter / 2, minimumDuration: self.thresholds.minimumDuration,
                mergeGap: self.thresholds.mergeGap)
            return (LabelHysteresis(thresholds: own), EventSegmenter(thresholds: own, windowExtent: .seconds(2)), 0)
        }
        var score = 0.5
        for window in 0..<500 {
            score = min(1, max(0, score + .random(in: -0.25...0.25, using: &random)))
            if window.isMultiple(of: 100) {
                counter.streamEnded()
                for index in makers.indices {
                    makers[index].0.reset()
                    _ = makers[index].1.streamEnded(at: self.time(window), isInterrupted: false)
                }
            }
            counter.windowArrived([score], at: self.time(window))
            for index in makers.indices {
                let label = makers[index].0.scoresArrived([score], at: self.time(window))
                let changes = makers[index].1.windowArrived(
                    label: label, score: score, at: self.time(window), isAboveStartThreshold: score > enters[index])
                for case .started in changes {
                    makers[index].2 += 1
                }
            }
        }
        #expect(counter.counts == [makers.map { $0.2 }])
        #expect(makers[0].2 > 0)
    }
}
