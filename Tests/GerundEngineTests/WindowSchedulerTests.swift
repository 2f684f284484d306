import GerundEngine
import GerundTesting
import Testing

@Suite("A window scheduler")
struct WindowSchedulerTests {
    /// Sources that each ask again as soon as they are answered, or every so many passes.
    private func served(_ costs: [Int], every periods: [Int], passes: Int, limit: Int = 100) -> [Int] {
        var scheduler = WindowScheduler<Int>()
        var served = costs.map { _ in 0 }
        var isWaiting = costs.map { _ in false }
        for pass in 0..<passes {
            for source in costs.indices where !isWaiting[source] && pass.isMultiple(of: periods[source]) {
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

    @Test("computes together what waits, first come first served, up to the limit")
    func batches() {
        var scheduler = WindowScheduler<Int>()
        for source in 0..<7 { scheduler.append(source, from: source) }
        #expect(scheduler.next(limit: 100) { _ in 30 } == [0, 1, 2])
        #expect(scheduler.next(limit: 100) { _ in 30 } == [3, 4, 5])
        #expect(scheduler.next(limit: 10) { _ in 30 } == [6])
        #expect(scheduler.isEmpty && scheduler.next(limit: 100) { _ in 30 }.isEmpty)
    }

    @Test("gives sources that all ask without end the same, whatever one request costs")
    func fairness() {
        let costs = [10, 20, 40, 80, 5]
        let served = self.served(costs, every: costs.map { _ in 1 }, passes: 4000, limit: 1)
        let (least, most) = (served.min() ?? 0, served.max() ?? 0)
        #expect(Double(most - least) < 0.05 * Double(most), "\(served)")
    }

    @Test("answers a source that asks now and then within one turn of everybody, however much others flood it")
    func flood() {
        var scheduler = WindowScheduler<Int>()
        var (waiting, longest, answers) = (0, 0, 0)
        for pass in 0..<1000 {
            for source in 1..<20 { for _ in 0..<3 { scheduler.append(source, from: source) } }
            if pass % 31 == 3 { scheduler.append(0, from: 0) }
            waiting += pass % 31 == 3 || waiting > 0 ? 1 : 0
            longest = max(longest, waiting)
            guard scheduler.next(limit: 50, cost: { _ in 50 }) == [0] else { continue }
            waiting = 0
            answers += 1
        }
        #expect(longest <= 20)
        #expect(answers >= 31)
    }

    @Test("lets nobody save up turns that it didn't need")
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

    @Test("gives everybody a turn, for any costs and any rhythm", arguments: 0..<200)
    func noStarvation(seed: Int) {
        var random = GerundTesting.SplitMix64(seed: UInt64(seed))
        let count = Int.random(in: 1...20, using: &random)
        let costs = (0..<count).map { _ in Int.random(in: 1...100, using: &random) }
        let periods = (0..<count).map { _ in Int.random(in: 1...8, using: &random) }
        let limit = Int.random(in: 1...200, using: &random)
        let served = self.served(costs, every: periods, passes: 3000, limit: limit)
        let share = Double(served.reduce(0, +)) / Double(count)
        for source in 0..<count {
            // It is looked at whether a source wants to ask again at every so many passes only.
            let wanted = Double(costs[source] * 3000 / (periods[source] + 1))
            #expect(Double(served[source]) > 0.5 * min(share, wanted), "seed \(seed), source \(source): \(served)")
        }
    }

    @Test("leaves out what nobody wants any more, and what belongs to a source that is gone")
    func unwanted() {
        var scheduler = WindowScheduler<Int>()
        for source in 0..<6 { scheduler.append(source, from: source) }
        scheduler.remove(1)
        #expect(scheduler.next(limit: 20) { $0 % 2 == 0 ? 10 : nil } == [0, 2])
        #expect(scheduler.next(limit: 20) { $0 % 2 == 0 ? 10 : nil } == [4])
        #expect(scheduler.isEmpty)
    }
}
