import Testing
import XCLIP

@Suite("WindowCost")
struct WindowCostTests {
    /// The multiply-adds of a window without labels, in 10^9.
    private func multiplyAdds(_ refresh: RefreshPolicy) -> Double {
        Double(WindowCost(.basePatch32, refresh: refresh, labels: 0).multiplyAdds) / 1e9
    }

    @Test("Counts 35.8 billion multiply-adds for an exact window of the published size")
    func exact() {
        #expect(abs(self.multiplyAdds(.all) - 35.8) < 0.05)
    }

    @Test("Counts an eighth of that for a new frame alone, and little more for each refreshed token")
    func refreshed() {
        // Derived by hand for the encoder, plus 0.1 for integration and prompts.
        for (tokens, expected) in [(0, 4.46), (1, 5.33), (4, 6.98), (8, 9.18)] {
            #expect(abs(self.multiplyAdds(.tokens(tokens)) - expected - 0.1) < 0.03, "\(tokens) tokens")
        }
    }

    @Test("Counts all tokens at most, whatever the number of refreshed ones", arguments: [50, 51, 1 << 40, .max])
    func cappedTokens(tokens: Int) {
        let all = WindowCost(.basePatch32, refresh: .tokens(50), labels: 0)
        #expect(WindowCost(.basePatch32, refresh: .tokens(tokens), labels: 0) == all)
        #expect(WindowCost(.basePatch32, refresh: .tokens(-1), labels: 0).multiplyAdds < all.multiplyAdds)
    }

    @Test("Counts 5.3 million multiply-adds per label")
    func labels() {
        let few = WindowCost(.basePatch32, labels: 10).multiplyAdds
        let many = WindowCost(.basePatch32, labels: 410).multiplyAdds
        #expect((5_300_000...5_400_000).contains((many - few) / 400))
    }

    @Test("Counts 130 million weights for the vision encoder and the later stages")
    func weights() {
        #expect((127_000_000...133_000_000).contains(WindowCost(.basePatch32, labels: 1).weightCount))
    }

    @Test("Limits a window by memory or by arithmetic, whichever takes longer")
    func limit() {
        let step = WindowCost(.basePatch32, refresh: .tokens(0), labels: 0)
        let slowMemory = step.rooflineTime(gigaflops: 1000, gigabytesPerSecond: 1, bytesPerWeight: 2)
        #expect(abs(slowMemory / .milliseconds(1) - Double(step.weightCount) * 2 / 1e6) < 1e-3)
        let fastMemory = step.rooflineTime(gigaflops: 1000, gigabytesPerSecond: 1000, bytesPerWeight: 2)
        #expect(abs(fastMemory / .milliseconds(1) - Double(step.multiplyAdds) * 2 / 1e9) < 1e-3)
        // Windows of a batch share the weights, not the arithmetic.
        let four = step.rooflineTime(windows: 4, gigaflops: 1000, gigabytesPerSecond: 1, bytesPerWeight: 2)
        #expect(four == slowMemory)
    }
}
