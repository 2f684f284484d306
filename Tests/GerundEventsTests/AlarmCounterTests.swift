import GerundCore
import GerundEvents
import GerundTesting
import Testing

@Suite("A counter of alarms")
struct AlarmCounterTests {
    private let thresholds = EventThresholds(minimumDuration: .milliseconds(500), mergeGap: .seconds(1))

    private func counter(_ enters: [Double], labels: Int = 1) -> AlarmCounter {
        AlarmCounter(
            labelCount: labels, levels: enters.map { EventLevels(enter: $0, exit: $0 / 2) },
            thresholds: self.thresholds, windowLength: .seconds(2))
    }

    private func time(_ window: Int) -> MediaTime { MediaTime(seconds: 0.25 * Double(window)) }

    @Test("counts one alarm of each stretch that lasts, at the levels that it exceeds")
    func levels() {
        var counter = self.counter([0.5, 0.7, 0.9])
        let scores = [0.1, 0.1, 0.8, 0.8, 0.8, 0.8] + Array(repeating: 0.1, count: 20) + [0.6, 0.6, 0.6, 0.6, 0.1]
        for (window, score) in scores.enumerated() { counter.windowArrived([score], at: self.time(window)) }
        #expect(counter.counts == [[2, 1, 0]])
        #expect(counter.watched == .milliseconds(250) * (scores.count - 1))
    }

    @Test("counts every label as if it were alone")
    func labels() {
        var counter = self.counter([0.5], labels: 2)
        for window in 0..<8 { counter.windowArrived([0.9, 0.8], at: self.time(window)) }
        #expect(counter.counts == [[1], [1]])
    }

    @Test("counts no time across a break, and a new alarm after it")
    func breaks() {
        var counter = self.counter([0.5])
        for window in 0..<5 { counter.windowArrived([0.9], at: self.time(window)) }
        counter.footageEnded()
        counter.footageEnded()
        for window in 400..<405 { counter.windowArrived([0.9], at: self.time(window)) }
        #expect(counter.counts == [[2]])
        #expect(counter.watched == .seconds(2))
    }

    @Test("counts the events that are made of the same scores", arguments: 0..<50)
    func sameRules(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let enters = [0.3, 0.5, 0.7, 0.9]
        var counter = self.counter(enters)
        var makers = enters.map { enter in
            let own = EventThresholds(
                enter: enter, exit: enter / 2, minimumDuration: self.thresholds.minimumDuration,
                mergeGap: self.thresholds.mergeGap)
            return (LeadingLabel(thresholds: own), EventSegmenter(thresholds: own, windowLength: .seconds(2)), 0)
        }
        var score = 0.5
        for window in 0..<500 {
            score = min(1, max(0, score + .random(in: -0.25...0.25, using: &random)))
            if window.isMultiple(of: 100) {
                counter.footageEnded()
                for index in makers.indices {
                    makers[index].0.reset()
                    _ = makers[index].1.footageEnded(at: self.time(window), isInterrupted: false)
                }
            }
            counter.windowArrived([score], at: self.time(window))
            for index in makers.indices {
                let label = makers[index].0.scoresArrived([score], at: self.time(window))
                let changes = makers[index].1.windowArrived(
                    label: label, score: score, at: self.time(window), isAboveEnter: score > enters[index])
                for case .started in changes {
                    makers[index].2 += 1
                }
            }
        }
        #expect(counter.counts == [makers.map { $0.2 }])
        #expect(makers[0].2 > 0)
    }
}
