import GerundEngine
import Testing

@Suite("What is given up under load")
struct LoadLadderTests {
    private static let period = Duration.milliseconds(250)

    /// Sources with four frames a second before an engine that computes one frame after the other.
    private struct Simulation {
        var ladder: LoadLadder
        var now = ContinuousClock.now
        let sources: Int
        /// What a frame of one source costs on each rung.
        var cost: (LoadLadder.Rung) -> Duration
        var rungs: [LoadLadder.Rung] = []
        /// When the engine is through with what came until now.
        private var free: ContinuousClock.Instant

        init(_ mode: RecognitionMode = .auto, sources: Int = 1, cost: @escaping (LoadLadder.Rung) -> Duration) {
            self.ladder = LoadLadder(mode: mode)
            self.sources = sources
            self.cost = cost
            self.free = self.now
        }

        mutating func run(seconds: Double) {
            let end = self.now + .seconds(seconds)
            while self.now < end {
                let rung = self.ladder.rung
                let period = LoadLadderTests.period * rung.frameDivisor
                for _ in 0..<self.sources {
                    let (arrival, cost) = (self.now, self.cost(rung))
                    // A source that is behind lets go of what is older than its ring: delay is bounded.
                    let start = max(arrival, min(self.free, arrival + period * 4))
                    self.free = start + cost
                    self.ladder.frameFinished(
                        arrival: arrival, wait: self.free - arrival, of: period, isLate: false,
                        sources: self.sources, now: self.free)
                    self.ladder.passFinished(busy: cost, now: self.free)
                }
                if self.rungs.last != self.ladder.rung { self.rungs.append(self.ladder.rung) }
                self.now = self.now + period
            }
        }
    }

    private static let exact = LoadLadder.Rung(isFast: false)
    private static let fast = LoadLadder.Rung(isFast: true)
    private static let halfRate = LoadLadder.Rung(isFast: true, windowDivisor: 2)

    /// Exact windows at `milliseconds`, fast ones at a fifth; every other window is half the work, and so on.
    private static func cost(_ milliseconds: Double) -> (LoadLadder.Rung) -> Duration {
        { rung in
            let window = milliseconds / (rung.isFast ? 5 : 1)
            return .milliseconds(1) * (window * Double(rung.frameDivisor) / Double(rung.windowDivisor))
        }
    }

    @Test("is nothing while the engine keeps up", arguments: RecognitionMode.allCases)
    func enough(mode: RecognitionMode) {
        var simulation = Simulation(mode, sources: 16, cost: { _ in .milliseconds(11) })
        simulation.run(seconds: 600)
        #expect(simulation.rungs == [LoadLadder.Rung(isFast: mode == .fast)])
    }

    @Test("is not decided by a single late answer")
    func singleLate() {
        var ladder = LoadLadder(mode: .auto)
        var now = ContinuousClock.now
        for index in 0..<100 {
            ladder.frameFinished(
                arrival: now, wait: .milliseconds(index == 50 ? 700 : 100), of: Self.period, isLate: false, sources: 1,
                now: now)
            now += Self.period
        }
        #expect(ladder.rung == Self.exact)
    }

    @Test("is exactness first, within a few frames, and no more than has to be")
    func exactnessFirst() {
        var simulation = Simulation(cost: Self.cost(400))
        simulation.run(seconds: 4)
        #expect(simulation.rungs == [Self.exact, Self.fast])
        simulation.run(seconds: 600)
        #expect(simulation.ladder.rung == Self.fast)
    }

    @Test("is then the rate, then frames")
    func order() {
        var simulation = Simulation(cost: { _ in .seconds(2) })
        simulation.run(seconds: 60)
        let divisors = [[1, 1], [1, 1], [2, 1], [4, 1], [4, 2], [4, 4]]
        #expect(simulation.rungs.map { [$0.windowDivisor, $0.frameDivisor] } == divisors)
        #expect(simulation.rungs.map(\.isFast) == [false, true, true, true, true, true])
    }

    @Test("is never exactness when that is the user's choice, nor haste", arguments: [RecognitionMode.exact, .fast])
    func fixedMode(mode: RecognitionMode) {
        var simulation = Simulation(mode, cost: { _ in .seconds(2) })
        simulation.run(seconds: 60)
        #expect(simulation.rungs.allSatisfy { $0.isFast == (mode == .fast) })
        #expect(simulation.rungs.count == 5 && simulation.rungs.first?.windowDivisor == 1)
    }

    @Test("is decided for frames that came since the last decision: a backlog counts once")
    func backlog() {
        var ladder = LoadLadder(mode: .auto)
        let start = ContinuousClock.now
        for _ in 0..<40 {
            ladder.frameFinished(
                arrival: start, wait: .seconds(1), of: Self.period, isLate: true, sources: 1, now: start + .seconds(1))
        }
        #expect(ladder.rung == Self.fast)
    }

    @Test("comes back when the load is gone, rung by rung", arguments: [1, 16])
    func recovery(sources: Int) {
        var simulation = Simulation(sources: sources, cost: Self.cost(2000 / Double(sources)))
        simulation.run(seconds: 120)
        #expect(simulation.ladder.rung == Self.halfRate)
        simulation.cost = Self.cost(100 / Double(sources))
        simulation.run(seconds: 60)
        #expect(simulation.ladder.rung == Self.exact)
    }

    @Test("comes back as soon after hours at the limit, in which each trial failed")
    func recoveryAfterHours() {
        // Fast windows take a fifth of the time, exact ones 110 % of it.
        var simulation = Simulation(sources: 4, cost: Self.cost(69))
        simulation.run(seconds: 7200)
        #expect(simulation.rungs.count > 10)
        if simulation.ladder.rung == Self.exact { simulation.run(seconds: 10) }
        #expect(simulation.ladder.rung == Self.fast)
        simulation.cost = Self.cost(7)
        simulation.run(seconds: 40)
        #expect(simulation.ladder.rung == Self.exact)
    }

    @Test("does not swing on a machine that has not enough for exact windows, and enough for fast ones")
    func hysteresis() {
        // Fast windows take a fifth of the time, exact ones 110 % of it.
        var simulation = Simulation(sources: 4, cost: Self.cost(69))
        simulation.run(seconds: 3600)
        // 20, 40, ... 640 s between two trials: a dozen in an hour, not a hundred and eighty.
        #expect(simulation.rungs.count < 30, "\(simulation.rungs.count) changes in an hour")
        #expect(simulation.rungs.count > 2)
        #expect(simulation.rungs.allSatisfy { $0.windowDivisor == 1 })
    }

    @Test("never ends up anywhere but where the load allows", arguments: 0..<40)
    func settles(step: Int) {
        let milliseconds = 20 * pow2(Double(step) / 5)
        var simulation = Simulation(cost: Self.cost(milliseconds))
        simulation.run(seconds: 200)
        let rung = simulation.ladder.rung
        let load = Self.cost(milliseconds)(rung) / (Self.period * rung.frameDivisor)
        #expect(load < 1 || rung == LoadLadder.Rung(isFast: true, windowDivisor: 4, frameDivisor: 4), "\(rung) \(load)")
    }

    private func pow2(_ exponent: Double) -> Double {
        (0..<Int(exponent)).reduce(1.0) { power, _ in power * 2 } * (1 + exponent - exponent.rounded(.down))
    }
}
