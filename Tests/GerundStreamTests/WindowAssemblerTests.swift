import GerundCore
import GerundStream
import GerundTesting
import Testing

@Suite("WindowAssembler")
struct WindowAssemblerTests {
    private static let start = ContinuousClock.now

    private static func info(_ tick: Int64, segment: Int = 0) -> CapturedFrame {
        CapturedFrame(
            time: MediaTime(nanoseconds: tick * 250_000_000), tick: tick, segment: segment, arrival: Self.start)
    }

    /// Returns the windows of frames at the given ticks, by the tick that completes them.
    ///
    /// Each frame is its tick.
    private func windows(_ plan: SamplingPlan, _ ticks: some Sequence<Int64>) -> [Int64: [Int64]] {
        var assembler = WindowAssembler<Int64>(plan: plan)
        var windows: [Int64: [Int64]] = [:]
        for tick in ticks {
            if let window = assembler.frameArrived(Self.info(tick), tick).window { windows[tick] = window }
        }
        return windows
    }

    private let plan: SamplingPlan
    private let interleaved: SamplingPlan

    init() throws {
        self.plan = try SamplingPlan(frameCount: 4, windowDuration: .seconds(1))
        self.interleaved = try SamplingPlan(frameCount: 4, windowDuration: .seconds(4), windowRate: 4)
    }

    @Test("Emits no window until one is full, then one per frame")
    func sliding() {
        #expect(self.windows(self.plan, 0..<6) == [3: [0, 1, 2, 3], 4: [1, 2, 3, 4], 5: [2, 3, 4, 5]])
    }

    @Test("Interleaves windows, each of every fourth frame")
    func interleaving() {
        let windows = self.windows(self.interleaved, 0..<20)
        #expect(windows.keys.sorted() == Array(12..<20))
        for (tick, window) in windows { #expect(window == [tick - 12, tick - 8, tick - 4, tick]) }
    }

    @Test("Emits a window every hop-th tick, on a grid that missing frames don't shift")
    func hop() throws {
        let plan = try SamplingPlan(frameCount: 4, windowDuration: .seconds(1), windowRate: 1)
        #expect(self.windows(plan, 0..<16).keys.sorted() == [3, 7, 11, 15])
        #expect(self.windows(plan, [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 14, 15]).keys.sorted() == [3, 8, 11, 15])
    }

    @Test("Emits every second or fourth window with decimation, and all of them again without")
    func decimation() {
        var assembler = WindowAssembler<Int64>(plan: self.plan)
        func ticks(_ range: Range<Int64>, decimation: Int) -> [Int64] {
            range.filter { assembler.frameArrived(Self.info($0), $0, decimation: decimation).window != nil }
        }
        #expect(ticks(0..<6, decimation: 1) == [3, 4, 5])
        #expect(ticks(6..<13, decimation: 2) == [7, 9, 11])
        #expect(ticks(13..<25, decimation: 4) == [15, 19, 23])
        #expect(ticks(25..<29, decimation: 2) == [25, 27])
        #expect(ticks(29..<32, decimation: 1) == [29, 30, 31])
    }

    @Test(
        "Emits the decimated windows of sources with different offsets at different times", arguments: [1, 3], [2, 4])
    func offsets(hop: Int, decimation: Int) throws {
        let plan = try SamplingPlan(
            frameCount: 4, windowDuration: .seconds(1), windowRate: hop == 1 ? nil : 4 / Double(hop))
        let emitted = (0..<decimation).map { offset in
            var assembler = WindowAssembler<Int64>(plan: plan)
            return (0..<Int64(64)).filter {
                assembler.frameArrived(Self.info($0), $0, decimation: $0 < 16 ? 1 : decimation, offset: offset).window
                    != nil
            }.filter { $0 >= 16 + Int64(hop * decimation) }
        }
        for ticks in emitted {
            #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $1 - $0 == hop * decimation }, "\(ticks)")
        }
        let all = emitted.flatMap(\.self).sorted()
        #expect(zip(all, all.dropFirst()).allSatisfy { $1 - $0 == hop }, "\(all)")
    }

    @Test("Skips a window that isn't wanted, and emits one at the next frame that is")
    func skips() throws {
        let plan = try SamplingPlan(frameCount: 4, windowDuration: .seconds(1), windowRate: 1)
        var assembler = WindowAssembler<Int64>(plan: plan)
        var (emitted, skipped) = ([Int64](), [Int64]())
        for tick in 0..<Int64(16) {
            let action = assembler.frameArrived(Self.info(tick), tick, isWanted: tick != 7 && tick != 8)
            if let window = action.window {
                emitted.append(tick)
                #expect(window == Array(tick - 3...tick))
            }
            if action.isWindowSkipped { skipped.append(tick) }
        }
        #expect(emitted == [3, 9, 11, 15])
        #expect(skipped == [7, 8])
    }

    @Test("Emits the same windows at every frame rate", arguments: [10.0, 12.5, 15, 24, 29.97, 30, 60])
    func frameRates(rate: Double) {
        func times(_ rate: Double) -> [MediaTime] { (0..<Int(rate * 30)).map { MediaTime(seconds: Double($0) / rate) } }
        #expect(self.sampled(times(rate)) == self.sampled(times(25)))
    }

    @Test("Emits the same windows at a variable frame rate", arguments: 0..<20)
    func variableRate(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var (time, times) = (0.0, [MediaTime]())
        while time < 30 {
            times.append(MediaTime(seconds: time))
            time += Double.random(in: 0.005...0.24, using: &random)
        }
        let constant = self.sampled((0..<750).map { MediaTime(seconds: Double($0) / 25) })
        let variable = self.sampled(times)
        // The last tick may have no frame.
        #expect(variable == Array(constant.prefix(variable.count)), "seed \(seed)")
        #expect(variable.count >= constant.count - 1, "seed \(seed)")
    }

    /// Returns the windows of frames at the given times, as ticks.
    private func sampled(_ times: [MediaTime]) -> [[Int64]] {
        var sampler = FrameSampler(samplingInterval: self.interleaved.samplingInterval)
        var assembler = WindowAssembler<Int64>(plan: self.interleaved)
        return times.compactMap { time in
            guard let tick = sampler.frameArrived(at: time) else { return nil }
            let info = CapturedFrame(time: time, tick: tick, segment: 0, arrival: Self.start)
            return assembler.frameArrived(info, tick).window
        }
    }

    @Test("Holds the previous frame at ticks for which a slow source has none")
    func slowSource() {
        // A frame every 0.5 s with a sampling interval of 0.25 s.
        #expect(
            self.windows(self.plan, [0, 2, 4, 6]) == [4: [0, 2, 2, 4], 6: [2, 4, 4, 6]])
    }

    @Test("Holds the previous frame in place of a dropped one")
    func droppedFrame() {
        #expect(
            self.windows(self.plan, [0, 1, 2, 4, 5]) == [4: [1, 2, 2, 4], 5: [2, 2, 4, 5]])
        let windows = self.windows(self.interleaved, (0..<20).filter { $0 != 8 })
        #expect(windows[12] == [0, 4, 7, 12] && windows[13] == [1, 5, 9, 13] && windows[16] == [4, 7, 12, 16])
    }

    @Test("Warms up again after a discontinuity")
    func segments() {
        var assembler = WindowAssembler<Int64>(plan: self.plan)
        var actions = (0..<6).map { assembler.frameArrived(Self.info($0), $0) }
        actions += (6..<12).map { assembler.frameArrived(Self.info($0, segment: 1), $0) }
        #expect(
            actions.map(\.isDiscontinuity) == [true] + Array(repeating: false, count: 5) + [true]
                + Array(repeating: false, count: 5))
        #expect(
            actions.map { $0.window != nil } == [
                false, false, false, true, true, true, false, false, false, true, true, true,
            ])
        #expect(actions[9].window == [6, 7, 8, 9])
    }

    @Test("Warms up again after a gap that is longer than a window, and bridges a shorter one")
    func gap() {
        #expect(self.windows(self.plan, [0, 1, 2, 3, 7, 8]) == [3: [0, 1, 2, 3], 7: [3, 3, 3, 7], 8: [3, 3, 7, 8]])
        #expect(self.windows(self.plan, [0, 1, 2, 3, 8, 9, 10, 11]) == [3: [0, 1, 2, 3], 11: [8, 9, 10, 11]])
    }

    @Test("Counts windows from the first one after a discontinuity")
    func hopAfterDiscontinuity() throws {
        let plan = try SamplingPlan(frameCount: 4, windowDuration: .seconds(1), windowRate: 1)
        var assembler = WindowAssembler<Int64>(plan: plan)
        let ticks = (0..<Int64(18)).filter { tick in
            assembler.frameArrived(Self.info(tick, segment: tick < 5 ? 0 : 1), tick).window != nil
        }
        // Without the discontinuity: 3, 7, 11, 15.
        #expect(ticks == [3, 8, 12, 16])
    }

    @Test("Equals a linear search over all frames for random gaps", arguments: 0..<200)
    func reference(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let plan = try SamplingPlan(
            frameCount: Int.random(in: 1...9, using: &random), windowDuration: .seconds(9),
            windowRate: [nil, 0.2, 1, 2, 5].randomElement(using: &random) ?? nil)
        var (ticks, tick): ([Int64], Int64) = ([], 0)
        for _ in 0..<200 {
            ticks.append(tick)
            tick += Int.random(in: 0..<6, using: &random) == 0 ? Int64.random(in: 1...12, using: &random) : 1
        }
        let windows = self.windows(plan, ticks)
        var first: Int64 = 0
        for (index, tick) in ticks.enumerated() {
            if index > 0, tick - ticks[index - 1] > Int64(plan.interleaving * plan.frameCount) { first = tick }
            let points = (0..<plan.frameCount).reversed().map { tick - Int64($0 * plan.interleaving) }
            guard let window = windows[tick] else {
                #expect(plan.hop > 1 || points[0] < first, "seed \(seed), tick \(tick)")
                continue
            }
            let known = ticks[...index].filter { $0 >= first }
            #expect(window == points.map { point in known.last { $0 <= point } }, "seed \(seed), tick \(tick)")
        }
    }

    @Test("Keeps no more frames than later windows need")
    func memory() {
        final class Counter { var alive = 0 }
        final class Frame {
            let counter: Counter
            init(_ counter: Counter) {
                self.counter = counter
                counter.alive += 1
            }
            deinit { self.counter.alive -= 1 }
        }
        let counter = Counter()
        var random = SplitMix64(seed: 7)
        var assembler = WindowAssembler<Frame>(plan: self.interleaved)
        var (tick, maximum): (Int64, Int) = (0, 0)
        for _ in 0..<100_000 {
            tick += Int.random(in: 0..<50, using: &random) == 0 ? Int64.random(in: 1...40, using: &random) : 1
            _ = assembler.frameArrived(Self.info(tick), Frame(counter))
            maximum = max(maximum, counter.alive)
        }
        // The capacity includes the frame that arrives before one is evicted.
        #expect(maximum == self.interleaved.frameCapacity - 1)
    }
}
