import GerundCore
import GerundEvents
import GerundTesting
import Testing

@Suite("ScoreSmoother")
struct ScoreSmootherTests {
    @Test("Gives a score from one half-life ago half the weight")
    func halfLife() {
        var smoother = ScoreSmoother(halfLife: .milliseconds(500))
        #expect(smoother.scoresArrived([1, 0], at: .zero) == [1, 0])
        #expect(smoother.scoresArrived([0, 1], at: MediaTime(seconds: 0.5)) == [0.5, 0.5])
        #expect(smoother.scoresArrived([0, 1], at: MediaTime(seconds: 1.5)) == [0.125, 0.875])
    }

    @Test("Forgets at the same speed for every window rate", arguments: [1, 2, 4, 10, 25, 100])
    func rateIndependence(rate: Int) {
        var smoother = ScoreSmoother(halfLife: .milliseconds(700))
        _ = smoother.scoresArrived([1], at: .zero)
        var last = 1.0
        for window in 1...rate * 3 {
            last = smoother.scoresArrived([0], at: MediaTime(seconds: Double(window) / Double(rate)))[0]
        }
        #expect(abs(last - 0.051_270_05) < 1e-6)  // 2^(-3 / 0.7)
    }

    @Test("Returns scores unchanged without a half-life")
    func off() {
        var smoother = ScoreSmoother(halfLife: .zero)
        for (index, score) in [0.1, 0.9, 0.3].enumerated() {
            #expect(smoother.scoresArrived([score], at: MediaTime(seconds: Double(index))) == [score])
        }
    }

    @Test("Starts over after a reset")
    func reset() {
        var smoother = ScoreSmoother(halfLife: .seconds(1))
        _ = smoother.scoresArrived([1], at: .zero)
        smoother.reset()
        #expect(smoother.scoresArrived([0.25], at: MediaTime(seconds: 0.1)) == [0.25])
    }

    @Test("Recovers from a score that is not a number")
    func notANumber() {
        var smoother = ScoreSmoother(halfLife: .seconds(1))
        _ = smoother.scoresArrived([0.5, 0.5], at: .zero)
        #expect(smoother.scoresArrived([.nan, 0.5], at: MediaTime(seconds: 1))[1] == 0.5)
        #expect(smoother.scoresArrived([0.75, 0.5], at: MediaTime(seconds: 2)) == [0.75, 0.5])
    }

    @Test("Stays between the minimum and the maximum of the scores", arguments: 0..<50)
    func bounds(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var smoother = ScoreSmoother(halfLife: .milliseconds(Int64.random(in: 1...2000, using: &random)))
        var (time, least, greatest) = (MediaTime.zero, 1.0, 0.0)
        for _ in 0..<200 {
            let score = Double.random(in: 0...1, using: &random)
            (least, greatest) = (min(least, score), max(greatest, score))
            time = time + .milliseconds(Int64.random(in: 1...3000, using: &random))
            let smoothed = smoother.scoresArrived([score], at: time)[0]
            #expect(smoothed >= least - 1e-12 && smoothed <= greatest + 1e-12, "seed \(seed)")
        }
    }

    @Test("Keeps the past of labels that stay when others are added and removed")
    func otherLabels() {
        var (changed, kept) = (ScoreSmoother(halfLife: .seconds(1)), ScoreSmoother(halfLife: .seconds(1)))
        _ = changed.scoresArrived([0.1, 0.9], at: .zero)
        _ = kept.scoresArrived([0.9], at: .zero)
        changed.reconfigure(halfLife: .seconds(1), newIndices: [nil, 1], labelCount: 2)
        let scores = changed.scoresArrived([0.3, 0.5], at: MediaTime(seconds: 0.5))
        #expect(scores == [0.3] + kept.scoresArrived([0.5], at: MediaTime(seconds: 0.5)))
        changed.reconfigure(halfLife: .zero, newIndices: [0, nil], labelCount: 1)
        #expect(changed.scoresArrived([0.7], at: MediaTime(seconds: 1)) == [0.7])
    }
}
