import GerundCore
import GerundEngine
import GerundTesting
import Testing

@Suite("WindowScheduler")
struct WindowSchedulerTests {
    /// Simulates sources that each send the next request once they are answered, at every `periods`-th batch.
    private func served(_ costs: [Int], every periods: [Int], batches: Int, limit: Int = 100) -> [Int] {
        var scheduler = WindowScheduler<Int>()
        var served = costs.map { _ in 0 }
        var isWaiting = costs.map { _ in false }
        for batch in 0..<batches {
            for source in costs.indices where !isWaiting[source] && batch.isMultiple(of: periods[source]) {
                scheduler.append(source, from: source)
                isWaiting[source] = true
            }
            for source in scheduler.next(limit: limit, cost: { costs[$0] }) {
                served[source] += costs[source]
                isWaiting[source] = false
            }
        }
        return served
    }

    @Test("Batches waiting items in the order of their arrival up to the limit")
    func batches() {
        var scheduler = WindowScheduler<Int>()
        for source in 0..<7 { scheduler.append(source, from: source) }
        #expect(scheduler.next(limit: 100) { _ in 30 } == [0, 1, 2])
        #expect(scheduler.next(limit: 100) { _ in 30 } == [3, 4, 5])
        #expect(scheduler.next(limit: 10) { _ in 30 } == [6])
        #expect(scheduler.isEmpty && scheduler.next(limit: 100) { _ in 30 }.isEmpty)
    }

    @Test("Gives busy sources equal shares, whatever one request costs")
    func fairness() {
        let costs = [10, 20, 40, 80, 5]
        let served = self.served(costs, every: costs.map { _ in 1 }, batches: 4000, limit: 1)
        let (least, most) = (served.min() ?? 0, served.max() ?? 0)
        #expect(Double(most - least) < 0.05 * Double(most), "\(served)")
    }

    @Test("Serves an occasional source within one turn of every other, however many requests those have")
    func flood() {
        var scheduler = WindowScheduler<Int>()
        var (waiting, longest, answers) = (0, 0, 0)
        for batch in 0..<300 {
            for source in 1..<20 { for _ in 0..<3 { scheduler.append(source, from: source) } }
            if batch % 31 == 3 { scheduler.append(0, from: 0) }
            waiting += batch % 31 == 3 || waiting > 0 ? 1 : 0
            longest = max(longest, waiting)
            guard scheduler.next(limit: 50, cost: { _ in 50 }) == [0] else { continue }
            waiting = 0
            answers += 1
        }
        #expect(longest <= 20)
        #expect(answers >= 9)
    }

    @Test("Gives no credit for unused turns")
    func noCredit() {
        var scheduler = WindowScheduler<Int>()
        for _ in 0..<1000 {
            scheduler.append(1, from: 1)
            _ = scheduler.next(limit: 10) { _ in 10 }
        }
        var taken: [Int] = []
        for _ in 0..<10 {
            scheduler.append(0, from: 0)
            scheduler.append(1, from: 1)
        }
        for _ in 0..<20 { taken += scheduler.next(limit: 10) { _ in 10 } }
        for turn in stride(from: 0, to: 20, by: 2) { #expect(Set(taken[turn..<turn + 2]) == [0, 1]) }
    }

    @Test("Starves no source, for any costs and intervals", arguments: 0..<200)
    func noStarvation(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let count = Int.random(in: 1...20, using: &random)
        let costs = (0..<count).map { _ in Int.random(in: 1...100, using: &random) }
        let periods = (0..<count).map { _ in Int.random(in: 1...8, using: &random) }
        let limit = Int.random(in: 1...200, using: &random)
        let served = self.served(costs, every: periods, batches: 3000, limit: limit)
        let share = Double(served.reduce(0, +)) / Double(count)
        for source in 0..<count {
            // A source sends its next request only at a multiple of its period.
            let wanted = Double(costs[source] * 3000 / (periods[source] + 1))
            #expect(Double(served[source]) > 0.5 * min(share, wanted), "seed \(seed), source \(source): \(served)")
        }
    }

    @Test("Drops items that are no longer wanted and items of removed sources")
    func unwanted() {
        var scheduler = WindowScheduler<Int>()
        for source in 0..<6 { scheduler.append(source, from: source) }
        scheduler.remove(1)
        #expect(scheduler.next(limit: 20) { $0 % 2 == 0 ? 10 : nil } == [0, 2])
        #expect(scheduler.next(limit: 20) { $0 % 2 == 0 ? 10 : nil } == [4])
        #expect(scheduler.isEmpty)
    }

    @Test("Starts one batch at a time, and another one while items are waiting")
    func actions() {
        var scheduler = WindowScheduler<Int>()
        #expect(scheduler.append(1, from: 1) == .startBatch)
        #expect(scheduler.append(2, from: 2) == .wait, "the batch has not taken its items yet")
        #expect(scheduler.next(limit: 10) { _ in 10 } == [1])
        #expect(scheduler.append(3, from: 3) == .wait)
        #expect(scheduler.batchFinished() == .startBatch)
        #expect(scheduler.next(limit: 20) { _ in 10 } == [2, 3])
        #expect(scheduler.batchFinished() == .wait)
        #expect(scheduler.append(4, from: 4) == .startBatch)
        scheduler.remove(4)
        #expect(scheduler.next(limit: 20) { _ in 10 } == [])
        #expect(scheduler.batchFinished() == .wait)
    }
}
