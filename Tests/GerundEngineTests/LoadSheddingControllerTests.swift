import GerundEngine
import Glibc
import Testing

@Suite("LoadSheddingController")
struct LoadSheddingControllerTests {
    private static let period = Duration.milliseconds(250)

    /// Sources of four frames per second and an engine that computes one frame after the other.
    private struct Simulation {
        var controller: LoadSheddingController
        var now = ContinuousClock.now
        let sources: Int
        /// The computing time of one frame of one source at each level.
        var cost: (ServiceLevel) -> Duration
        var levels: [ServiceLevel] = []
        /// The time at which the engine has computed all frames that have arrived.
        private var free: ContinuousClock.Instant

        init(_ mode: RecognitionMode = .auto, sources: Int = 1, cost: @escaping (ServiceLevel) -> Duration) {
            self.controller = LoadSheddingController(mode: mode)
            self.sources = sources
            self.cost = cost
            self.free = self.now
        }

        mutating func run(seconds: Double) {
            let end = self.now + .seconds(seconds)
            while self.now < end {
                let level = self.controller.level
                let period = LoadSheddingControllerTests.period * level.frameDecimation
                for _ in 0..<self.sources {
                    let (arrival, cost) = (self.now, self.cost(level))
                    // A source that is behind drops frames older than its buffer holds: delay is bounded.
                    let start = max(arrival, min(self.free, arrival + period * 4))
                    self.free = start + cost
                    self.controller.responseReceived(
                        arrival: arrival, responseTime: self.free - arrival, frameInterval: period,
                        wasWindowSkipped: false, sourceCount: self.sources, now: self.free)
                    self.controller.batchFinished(busy: cost, now: self.free)
                }
                if self.levels.last != self.controller.level { self.levels.append(self.controller.level) }
                self.now = self.now + period
            }
        }
    }

    private static let exact = ServiceLevel(mode: .exact)
    private static let fast = ServiceLevel(mode: .fast)
    private static let halfRate = ServiceLevel(mode: .fast, windowDecimation: 2)

    /// Exact windows take `milliseconds` and fast ones a fifth of that; half the windows are half the work.
    private static func cost(_ milliseconds: Double) -> (ServiceLevel) -> Duration {
        { level in
            let window = milliseconds / (level.mode == .fast ? 5 : 1)
            return .milliseconds(1) * (window * Double(level.frameDecimation) / Double(level.windowDecimation))
        }
    }

    @Test("Keeps full service while the engine keeps up", arguments: RecognitionMode.allCases)
    func enough(mode: RecognitionMode) {
        var simulation = Simulation(mode, sources: 16, cost: { _ in .milliseconds(11) })
        simulation.run(seconds: 600)
        #expect(simulation.levels == [.full(for: mode)])
    }

    @Test("Ignores a single late result")
    func singleLate() {
        var controller = LoadSheddingController(mode: .auto)
        var now = ContinuousClock.now
        for index in 0..<100 {
            controller.responseReceived(
                arrival: now, responseTime: .milliseconds(index == 50 ? 700 : 100), frameInterval: Self.period,
                wasWindowSkipped: false, sourceCount: 1,
                now: now)
            now += Self.period
        }
        #expect(controller.level == Self.exact)
    }

    @Test("Drops exactness first, within a few frames, and no more than the load requires")
    func exactnessFirst() {
        var simulation = Simulation(cost: Self.cost(400))
        simulation.run(seconds: 4)
        #expect(simulation.levels == [Self.exact, Self.fast])
        simulation.run(seconds: 600)
        #expect(simulation.controller.level == Self.fast)
    }

    @Test("Reduces the window rate after exactness, then the frame rate")
    func order() {
        var simulation = Simulation(cost: { _ in .seconds(2) })
        simulation.run(seconds: 60)
        let decimations = [[1, 1], [1, 1], [2, 1], [4, 1], [4, 2], [4, 4]]
        #expect(simulation.levels.map { [$0.windowDecimation, $0.frameDecimation] } == decimations)
        #expect(simulation.levels.map(\.mode) == [.exact, .fast, .fast, .fast, .fast, .fast])
    }

    @Test("Never changes a mode that the user chose", arguments: [RecognitionMode.exact, .fast])
    func fixedMode(mode: RecognitionMode) {
        var simulation = Simulation(mode, cost: { _ in .seconds(2) })
        simulation.run(seconds: 60)
        #expect(simulation.levels.allSatisfy { $0.mode == mode })
        #expect(simulation.levels.count == 5 && simulation.levels.first?.windowDecimation == 1)
    }

    @Test("Counts a backlog once: frames from before the last decision are ignored")
    func backlog() {
        var controller = LoadSheddingController(mode: .auto)
        let start = ContinuousClock.now
        for _ in 0..<40 {
            controller.responseReceived(
                arrival: start, responseTime: .seconds(1), frameInterval: Self.period, wasWindowSkipped: true,
                sourceCount: 1, now: start + .seconds(1))
        }
        #expect(controller.level == Self.fast)
    }

    @Test("Restores full service level by level when the load is gone", arguments: [1, 16])
    func recovery(sources: Int) {
        var simulation = Simulation(sources: sources, cost: Self.cost(2000 / Double(sources)))
        simulation.run(seconds: 120)
        #expect(simulation.controller.level == Self.halfRate)
        simulation.cost = Self.cost(100 / Double(sources))
        simulation.run(seconds: 60)
        #expect(simulation.controller.level == Self.exact)
    }

    @Test("Restores full service as soon after hours of failed probes")
    func recoveryAfterHours() {
        // Fast windows use 22 % of the time, exact ones 110 %.
        var simulation = Simulation(sources: 4, cost: Self.cost(69))
        simulation.run(seconds: 7200)
        #expect(simulation.levels.count > 10)
        if simulation.controller.level == Self.exact { simulation.run(seconds: 10) }
        #expect(simulation.controller.level == Self.fast)
        simulation.cost = Self.cost(7)
        simulation.run(seconds: 40)
        #expect(simulation.controller.level == Self.exact)
    }

    @Test("Doesn't oscillate on a machine that is too slow for exact windows and fast enough for fast ones")
    func hysteresis() {
        // Fast windows use 22 % of the time, exact ones 110 %.
        var simulation = Simulation(sources: 4, cost: Self.cost(69))
        simulation.run(seconds: 3600)
        // Probe delays of 20, 40, … 640 s: a dozen probes per hour rather than 180.
        #expect(simulation.levels.count < 30, "\(simulation.levels.count) changes in an hour")
        #expect(simulation.levels.count > 2)
        #expect(simulation.levels.allSatisfy { $0.windowDecimation == 1 })
    }

    @Test("Settles at a level that the load allows", arguments: 0..<40)
    func settles(step: Int) {
        let milliseconds = 20 * exp2(Double(step) / 5)
        var simulation = Simulation(cost: Self.cost(milliseconds))
        simulation.run(seconds: 200)
        let level = simulation.controller.level
        let load = Self.cost(milliseconds)(level) / (Self.period * level.frameDecimation)
        #expect(
            load < 1 || level == ServiceLevel(mode: .fast, windowDecimation: 4, frameDecimation: 4), "\(level) \(load)")
    }

    @Test("Returns the level that it degrades or restores to")
    func actions() {
        var controller = LoadSheddingController(mode: .auto)
        var now = ContinuousClock.now
        var actions: [LoadSheddingController.Action] = []
        for _ in 0..<8 {
            actions.append(
                controller.responseReceived(
                    arrival: now, responseTime: .seconds(1), frameInterval: Self.period, wasWindowSkipped: false,
                    sourceCount: 1, now: now))
            now += Self.period
        }
        #expect(actions.filter { $0 != .keep } == [.degrade(to: Self.fast), .degrade(to: Self.halfRate)])
        #expect(controller.level == Self.halfRate)
        actions = []
        // Nearly idle: 5 s at each level, 20 s before exact windows.
        for _ in 0..<200 {
            now += Self.period
            actions.append(controller.batchFinished(busy: .milliseconds(1), now: now))
        }
        #expect(actions.filter { $0 != .keep } == [.restore(to: Self.fast), .restore(to: Self.exact)])
        // Each level starts at full utilization: 22 batches until it is low, then the delay of 20 s.
        let restored = actions.indices.filter { actions[$0] != .keep }
        #expect(restored.last.map { $0 - restored[0] } ?? 0 > 95, "\(restored)")
        #expect(controller.level == Self.exact)
    }

    /// Returns the level after 40 frames of one source.
    private func level(responseTime: Duration, wasWindowSkipped: Bool = false) -> ServiceLevel {
        var controller = LoadSheddingController(mode: .auto)
        var now = ContinuousClock.now
        for _ in 0..<40 where controller.level == Self.exact {
            controller.responseReceived(
                arrival: now, responseTime: responseTime, frameInterval: Self.period,
                wasWindowSkipped: wasWindowSkipped, sourceCount: 1, now: now)
            now += Self.period
        }
        return controller.level
    }

    @Test("Degrades when response times exceed 90 % of the time between two frames")
    func threshold() {
        #expect(self.level(responseTime: Self.period * 85 / 100) == Self.exact)
        #expect(self.level(responseTime: Self.period * 95 / 100) == Self.fast)
    }

    @Test("Degrades when windows are skipped, however short the response times are")
    func skippedWindows() {
        #expect(self.level(responseTime: .milliseconds(1)) == Self.exact)
        #expect(self.level(responseTime: .milliseconds(1), wasWindowSkipped: true) == Self.fast)
    }
}
