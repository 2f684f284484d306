import Foundation
import GerundCore
import GerundEvents
import GerundTesting
import Testing

@Suite("LabelScores")
struct LabelScoresTests {
    @Test("Scores are the label's part of itself and the background")
    func formula() {
        let scores = LabelScores(logits: [2, -1, 0.5, 1], labelCount: 2)
        let background = exp(0.5) + exp(1.0)
        #expect(abs(scores.scores[0] - exp(2.0) / (exp(2.0) + background)) < 1e-12)
        #expect(abs(scores.scores[1] - exp(-1.0) / (exp(-1.0) + background)) < 1e-12)
        let all = exp(2.0) + exp(-1.0) + background
        #expect(abs(scores.probabilities[0] - exp(2.0) / all) < 1e-12)
        #expect(abs(scores.probabilities[1] - exp(-1.0) / all) < 1e-12)
    }

    @Test("Scores don't change by a bit when another label is added anywhere", arguments: 0..<200)
    func independence(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let labels = random.floats(Int.random(in: 1...9, using: &random), magnitude: 30)
        let background = random.floats(Int.random(in: 1...4, using: &random), magnitude: 30)
        let before = LabelScores(logits: labels + background, labelCount: labels.count).scores
        let place = Int.random(in: 0...labels.count, using: &random)
        var more = labels
        more.insert(random.floats(1, magnitude: 60)[0], at: place)
        var after = LabelScores(logits: more + background, labelCount: more.count).scores
        after.remove(at: place)
        #expect(after == before, "seed \(seed)")
    }

    @Test("Scores don't change when all logits are shifted", arguments: 0..<100)
    func shift(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let logits = random.floats(7, magnitude: 20)
        let scores = LabelScores(logits: logits, labelCount: 4)
        let shifted = LabelScores(logits: logits.map { $0 + 64 }, labelCount: 4)
        for index in 0..<4 {
            // fp32: a logit near 80 is known to 4e-6.
            #expect(abs(scores.scores[index] - shifted.scores[index]) < 1e-5, "seed \(seed)")
            #expect(abs(scores.probabilities[index] - shifted.probabilities[index]) < 1e-5, "seed \(seed)")
        }
    }

    @Test(
        "Scores don't overflow for any logit", arguments: [Float(1000), -1000, 1e30, -1e30, .greatestFiniteMagnitude])
    func overflow(logit: Float) {
        for logits in [[logit, 0], [0, logit], [logit, logit], [logit, -logit]] {
            let scores = LabelScores(logits: logits, labelCount: 1)
            #expect((0...1).contains(scores.scores[0]), "\(logits)")
            #expect((0...1).contains(scores.probabilities[0]), "\(logits)")
        }
        #expect(LabelScores(logits: [logit, logit], labelCount: 1).scores == [0.5])
    }

    @Test("Scores rise with the label's logit and fall with each background logit")
    func monotonic() {
        let logits = stride(from: Float(-12), through: 12, by: 0.5)
        let rising = logits.map { LabelScores(logits: [$0, 0, 1], labelCount: 1).scores[0] }
        #expect(zip(rising, rising.dropFirst()).allSatisfy { $0 < $1 })
        #expect(rising[0] < 0.001 && rising.last.map { $0 > 0.999 } == true)
        for varied in [1, 2] {
            let falling = logits.map { logit in
                var all: [Float] = [0, 1, -1]
                all[varied] = logit
                return LabelScores(logits: all, labelCount: 1).scores[0]
            }
            #expect(zip(falling, falling.dropFirst()).allSatisfy { $0 > $1 })
        }
    }

    @Test("Probabilities of labels and background phrases sum to 1")
    func sum() {
        let logits: [Float] = [1, 2, 3, 4]
        let probabilities = LabelScores(logits: logits, labelCount: 3).probabilities
        let background = exp(4.0) / logits.map { exp(Double($0)) }.reduce(0, +)
        #expect(abs(probabilities.reduce(background, +) - 1) < 1e-12)
    }
}
