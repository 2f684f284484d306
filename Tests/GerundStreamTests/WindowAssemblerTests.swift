import GerundCore
import GerundStream
import GerundTesting
import Testing

@Suite("A window assembler")
struct WindowAssemblerTests {
    private static let start = ContinuousClock.now

    private static func info(_ slot: Int64, segment: Int = 0) -> CapturedFrame {
        CapturedFrame(
            time: MediaTime(nanoseconds: slot * 250_000_000), slot: slot, segment: segment, arrival: Self.start)
    }

    /// What the frames of the given slots make; each frame is its slot's number.
    private func windows(_ plan: WindowPlan, _ slots: some Sequence<Int64>) -> [Int64: [Int64]] {
        var assembler = WindowAssembler<Int64>(plan: plan)
        var windows: [Int64: [Int64]] = [:]
        for slot in slots {
            if let window = assembler.frameArrived(Self.info(slot), slot).window { windows[slot] = window }
        }
        return windows
    }

    private let plan = WindowPlan(frameCount: 4, span: .seconds(1))
    private let interleaved = WindowPlan(frameCount: 4, span: .seconds(4), rate: 4)

    @Test("gives nothing until a window is full, then one with each frame")
    func sliding() {
        #expect(self.windows(self.plan, 0..<6) == [3: [0, 1, 2, 3], 4: [1, 2, 3, 4], 5: [2, 3, 4, 5]])
    }

    @Test("interleaves phases: each window takes each fourth frame")
    func phases() {
        let windows = self.windows(self.interleaved, 0..<20)
        #expect(windows.keys.sorted() == Array(12..<20))
        for (slot, window) in windows { #expect(window == [slot - 12, slot - 8, slot - 4, slot]) }
    }

    @Test("makes a window of every stride-th frame only, on a grid that late frames don't shift")
    func stride() {
        let plan = WindowPlan(frameCount: 4, span: .seconds(1), rate: 1)
        #expect(self.windows(plan, 0..<16).keys.sorted() == [3, 7, 11, 15])
        #expect(self.windows(plan, [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 14, 15]).keys.sorted() == [3, 8, 11, 15])
    }

    @Test("gives every other window or every fourth when that is asked for, and all again from then on")
    func divisor() {
        var assembler = WindowAssembler<Int64>(plan: self.plan)
        func slots(_ range: Range<Int64>, divisor: Int) -> [Int64] {
            range.filter { assembler.frameArrived(Self.info($0), $0, divisor: divisor).window != nil }
        }
        #expect(slots(0..<6, divisor: 1) == [3, 4, 5])
        #expect(slots(6..<13, divisor: 2) == [7, 9, 11])
        #expect(slots(13..<25, divisor: 4) == [15, 19, 23])
        #expect(slots(25..<29, divisor: 2) == [25, 27])
        #expect(slots(29..<32, divisor: 1) == [29, 30, 31])
    }

    @Test("spreads the windows that are left of several sources over time", arguments: [1, 3], [2, 4])
    func turns(stride: Int, divisor: Int) {
        let plan = WindowPlan(frameCount: 4, span: .seconds(1), rate: stride == 1 ? nil : 4 / Double(stride))
        let given = (0..<divisor).map { turn in
            var assembler = WindowAssembler<Int64>(plan: plan)
            return (0..<Int64(64)).filter {
                assembler.frameArrived(Self.info($0), $0, divisor: $0 < 16 ? 1 : divisor, turn: turn).window != nil
            }.filter { $0 >= 16 + Int64(stride * divisor) }
        }
        for slots in given {
            #expect(zip(slots, slots.dropFirst()).allSatisfy { $1 - $0 == stride * divisor }, "\(slots)")
        }
        let all = given.flatMap(\.self).sorted()
        #expect(zip(all, all.dropFirst()).allSatisfy { $1 - $0 == stride }, "\(all)")
    }

    @Test("makes up for a window that was not wanted with the next frame's")
    func leftOut() {
        let plan = WindowPlan(frameCount: 4, span: .seconds(1), rate: 1)
        var assembler = WindowAssembler<Int64>(plan: plan)
        var (given, leftOut) = ([Int64](), [Int64]())
        for slot in 0..<Int64(16) {
            let step = assembler.frameArrived(Self.info(slot), slot, isWanted: slot != 7 && slot != 8)
            if let window = step.window {
                given.append(slot)
                #expect(window == Array(slot - 3...slot))
            }
            if step.isWindowLeftOut { leftOut.append(slot) }
        }
        #expect(given == [3, 9, 11, 15])
        #expect(leftOut == [7, 8])
    }

    @Test("gives the same windows of every frame rate", arguments: [10.0, 12.5, 15, 24, 29.97, 30, 60])
    func frameRates(rate: Double) {
        func times(_ rate: Double) -> [MediaTime] { (0..<Int(rate * 30)).map { MediaTime(seconds: Double($0) / rate) } }
        #expect(self.sampled(times(rate)) == self.sampled(times(25)))
    }

    @Test("gives the same windows of a variable frame rate", arguments: 0..<20)
    func variableRate(seed: Int) {
        var random = GerundTesting.SplitMix64(seed: UInt64(seed))
        var (time, times) = (0.0, [MediaTime]())
        while time < 30 {
            times.append(MediaTime(seconds: time))
            time += Double.random(in: 0.005...0.24, using: &random)
        }
        let constant = self.sampled((0..<750).map { MediaTime(seconds: Double($0) / 25) })
        let variable = self.sampled(times)
        // The last point may have no frame.
        #expect(variable == Array(constant.prefix(variable.count)), "seed \(seed)")
        #expect(variable.count >= constant.count - 1, "seed \(seed)")
    }

    /// The windows of frames at the given times, by the numbers of the grid's points.
    private func sampled(_ times: [MediaTime]) -> [[Int64]] {
        var sampler = FrameSampler(period: self.interleaved.period)
        var assembler = WindowAssembler<Int64>(plan: self.interleaved)
        return times.compactMap { time in
            guard let slot = sampler.frameArrived(at: time) else { return nil }
            let info = CapturedFrame(time: time, slot: slot, segment: 0, arrival: Self.start)
            return assembler.frameArrived(info, slot).window
        }
    }

    @Test("holds the last frame where a slow source has none")
    func slowSource() {
        // A frame each 0.5 s where 0.25 s were wanted.
        #expect(
            self.windows(self.plan, [0, 2, 4, 6]) == [4: [0, 2, 2, 4], 6: [2, 4, 4, 6]])
    }

    @Test("lets the frame before stand in for a dropped one")
    func droppedFrame() {
        #expect(
            self.windows(self.plan, [0, 1, 2, 4, 5]) == [4: [1, 2, 2, 4], 5: [2, 2, 4, 5]])
        let windows = self.windows(self.interleaved, (0..<20).filter { $0 != 8 })
        #expect(windows[12] == [0, 4, 7, 12] && windows[13] == [1, 5, 9, 13] && windows[16] == [4, 7, 12, 16])
    }

    @Test("warms up again after a break of the timeline")
    func segments() {
        var assembler = WindowAssembler<Int64>(plan: self.plan)
        var steps = (0..<6).map { assembler.frameArrived(Self.info($0), $0) }
        steps += (6..<12).map { assembler.frameArrived(Self.info($0, segment: 1), $0) }
        #expect(
            steps.map(\.isBreak) == [true] + Array(repeating: false, count: 5) + [true]
                + Array(repeating: false, count: 5))
        #expect(
            steps.map { $0.window != nil } == [
                false, false, false, true, true, true, false, false, false, true, true, true,
            ])
        #expect(steps[9].window == [6, 7, 8, 9])
    }

    @Test("warms up again after a pause that is longer than a window, and bridges one that isn't")
    func pause() {
        #expect(self.windows(self.plan, [0, 1, 2, 3, 7, 8]) == [3: [0, 1, 2, 3], 7: [3, 3, 3, 7], 8: [3, 3, 7, 8]])
        #expect(self.windows(self.plan, [0, 1, 2, 3, 8, 9, 10, 11]) == [3: [0, 1, 2, 3], 11: [8, 9, 10, 11]])
    }

    @Test("equals a plain search over all frames for any gaps", arguments: 0..<200)
    func reference(seed: Int) {
        var random = GerundTesting.SplitMix64(seed: UInt64(seed))
        let plan = WindowPlan(
            frameCount: Int.random(in: 1...9, using: &random), span: .seconds(9),
            rate: [nil, 0.2, 1, 2, 5].randomElement(using: &random) ?? nil)
        var (slots, slot): ([Int64], Int64) = ([], 0)
        for _ in 0..<200 {
            slots.append(slot)
            slot += Int.random(in: 0..<6, using: &random) == 0 ? Int64.random(in: 1...12, using: &random) : 1
        }
        let windows = self.windows(plan, slots)
        var first: Int64 = 0
        for (index, slot) in slots.enumerated() {
            if index > 0, slot - slots[index - 1] > Int64(plan.phases * plan.frameCount) { first = slot }
            let points = (0..<plan.frameCount).reversed().map { slot - Int64($0 * plan.phases) }
            guard let window = windows[slot] else {
                #expect(plan.stride > 1 || points[0] < first, "seed \(seed), slot \(slot)")
                continue
            }
            let known = slots[...index].filter { $0 >= first }
            #expect(window == points.map { point in known.last { $0 <= point } }, "seed \(seed), slot \(slot)")
        }
    }

    @Test("keeps no more frames than later windows need over 100,000 of them")
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
        var random = GerundTesting.SplitMix64(seed: 7)
        var assembler = WindowAssembler<Frame>(plan: self.interleaved)
        var (slot, most): (Int64, Int) = (0, 0)
        for _ in 0..<100_000 {
            slot += Int.random(in: 0..<50, using: &random) == 0 ? Int64.random(in: 1...40, using: &random) : 1
            _ = assembler.frameArrived(Self.info(slot), Frame(counter))
            most = max(most, counter.alive)
        }
        // The newest, all from the oldest point on, and the one that stands at it.
        #expect(most <= self.interleaved.phases * (self.interleaved.frameCount - 1) + 2)
    }
}
