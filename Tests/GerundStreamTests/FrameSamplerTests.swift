import GerundCore
import GerundStream
import GerundTesting
import Testing

@Suite("FrameSampler")
struct FrameSamplerTests {
    /// Returns the times of the selected frames by tick.
    private func sample(_ times: [MediaTime], interval: Duration) -> [Int64: MediaTime] {
        var sampler = FrameSampler(samplingInterval: interval)
        var selected: [Int64: MediaTime] = [:]
        for time in times {
            if let tick = sampler.frameArrived(at: time) { selected[tick] = time }
        }
        return selected
    }

    @Test("Selects a frame when its time reaches the next due tick")
    func selectsWhenDue() {
        var sampler = FrameSampler(samplingInterval: .milliseconds(250))
        #expect(sampler.frameArrived(at: .zero) == 0)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 0.24)) == nil)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 0.28)) == 1)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 0.32)) == nil)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 0.52)) == 2)
    }

    @Test(
        "Selects frames for the same ticks at every frame rate",
        arguments: [10.0, 12.5, 15, 24, 25, 29.97, 30, 50, 60, 120])
    func sameTicksAtEveryRate(rate: Double) {
        let times = (0..<Int(60 * rate)).map { MediaTime(seconds: Double($0) / rate) }
        let selected = self.sample(times, interval: .milliseconds(250))
        #expect(selected.keys.sorted() == Array(0..<Int64(selected.count)))
        #expect(selected.count == 240)
        for (tick, time) in selected {
            let due = Double(tick) * 0.25
            #expect(time.seconds >= due - 0.0015 && time.seconds < due + 1 / rate)
        }
    }

    @Test("Selects the same frames for timestamps that are rounded or truncated to milliseconds or rounded to 90 kHz")
    func roundedTimestamps() {
        let count = 25 * 3600
        func frames(_ timestamp: (Int) -> Double) -> [Int64: Int] {
            var sampler = FrameSampler(samplingInterval: .milliseconds(250))
            var selected: [Int64: Int] = [:]
            for frame in 0..<count {
                if let tick = sampler.frameArrived(at: MediaTime(seconds: timestamp(frame) - timestamp(0))) {
                    selected[tick] = frame
                }
            }
            return selected
        }
        // The first frame is at 7.7 ms, so that rounding affects each timestamp differently.
        let exact = frames { Double($0) / 25 }
        #expect(exact == frames { (Double($0) * 40 + 7.7).rounded() / 1000 })
        #expect(exact == frames { (Double($0) * 40 + 7.7).rounded(.down) / 1000 })
        #expect(exact == frames { ((Double($0) / 25 + 0.0077) * 90_000).rounded() / 90_000 })
        #expect(exact.count == 4 * 3600)
    }

    @Test("Accepts a frame as on time up to 1.5 ms early, and at most a quarter of a short interval")
    func tolerance() {
        var sampler = FrameSampler(samplingInterval: .milliseconds(250))
        #expect(sampler.frameArrived(at: .zero) == 0)
        #expect(sampler.frameArrived(at: MediaTime(nanoseconds: 248_499_999)) == nil)
        #expect(sampler.frameArrived(at: MediaTime(nanoseconds: 248_500_000)) == 1)
        var short = FrameSampler(samplingInterval: .milliseconds(1))
        #expect(short.frameArrived(at: .zero) == 0)
        #expect(short.frameArrived(at: MediaTime(nanoseconds: 749_999)) == nil)
        #expect(short.frameArrived(at: MediaTime(nanoseconds: 750_000)) == 1)
    }

    @Test("Skips ticks without a frame")
    func gaps() {
        var sampler = FrameSampler(samplingInterval: .seconds(1))
        #expect(sampler.frameArrived(at: .zero) == 0)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 1)) == 1)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 7.4)) == 7)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 7.9)) == nil)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 8)) == 8)
    }

    @Test("Selects every frame of a stream slower than the sampling interval, once")
    func slowStream() {
        let selected = self.sample((0..<10).map { MediaTime(seconds: Double($0)) }, interval: .milliseconds(250))
        #expect(selected.keys.sorted() == (0..<10).map { $0 * 4 })
    }

    @Test("Starts a new grid with a new segment, and continues to count ticks by time")
    func newSegment() {
        var sampler = FrameSampler(samplingInterval: .seconds(1))
        #expect(sampler.frameArrived(at: .zero) == 0)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 1)) == 1)
        sampler.segmentBegan()
        #expect(sampler.frameArrived(at: MediaTime(seconds: 33.4)) == 33)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 34)) == nil)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 34.4)) == 34)
        sampler.segmentBegan()
        #expect(sampler.frameArrived(at: MediaTime(seconds: 34.5)) == 35)
    }

    @Test("Selects frames for the same ticks at a variable frame rate as at a constant one")
    func variableRate() {
        var random = SplitMix64(seed: 42)
        var time = 0.0
        var times: [MediaTime] = []
        while time < 60 {
            times.append(MediaTime(seconds: time))
            time += Double.random(in: 0.005...0.2, using: &random)
        }
        let selected = self.sample(times, interval: .milliseconds(250))
        #expect(selected.keys.sorted() == Array(0..<Int64(selected.count)))
        #expect((239...240).contains(selected.count))
    }
}
