import Testing
import XCLIP

@Suite("Window arithmetic")
struct WindowArithmeticTests {
    /// In 10^9, without labels.
    private func products(_ refresh: Refresh) -> Double {
        Double(WindowArithmetic(.basePatch32, refresh: refresh, labels: 0).products) / 1e9
    }

    @Test("A whole window of the published size takes 35.7 G products and 0.1 G above the encoder")
    func whole() {
        #expect(abs(self.products(.all) - 35.8) < 0.05)
    }

    @Test("A new frame alone takes an eighth of that, each refreshed row a little more")
    func refreshed() {
        // As derived by hand for the encoder, plus 0.1 for integration and prompts.
        for (rows, expected) in [(0, 4.46), (1, 5.33), (4, 6.98), (8, 9.18)] {
            #expect(abs(self.products(.rows(rows)) - expected - 0.1) < 0.03, "\(rows) rows")
        }
    }

    @Test("Each label takes 5.3 M products more")
    func labels() {
        let few = WindowArithmetic(.basePatch32, labels: 10).products
        let many = WindowArithmetic(.basePatch32, labels: 410).products
        #expect((5_300_000...5_400_000).contains((many - few) / 400))
    }

    @Test("The vision tower and what follows read 130 M weights")
    func weights() {
        #expect((127_000_000...133_000_000).contains(WindowArithmetic(.basePatch32, labels: 1).weights))
    }

    @Test("Few products are limited by memory, many by arithmetic")
    func limit() {
        let step = WindowArithmetic(.basePatch32, refresh: .rows(0), labels: 0)
        let slowMemory = step.limit(gigaOperations: 1000, gigabytes: 1, bytesPerWeight: 2)
        #expect(abs(slowMemory / .milliseconds(1) - Double(step.weights) * 2 / 1e6) < 1e-3)
        let fastMemory = step.limit(gigaOperations: 1000, gigabytes: 1000, bytesPerWeight: 2)
        #expect(abs(fastMemory / .milliseconds(1) - Double(step.products) * 2 / 1e9) < 1e-3)
        // More windows at a time share the weights, not the products.
        let four = step.limit(windows: 4, gigaOperations: 1000, gigabytes: 1, bytesPerWeight: 2)
        #expect(four == slowMemory)
    }
}
