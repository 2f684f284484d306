import GerundCore
import GerundStream
import GerundTesting
import Testing

@Suite("A frame sampler")
struct FrameSamplerTests {
    /// The grid's points and the times of the frames taken for them.
    private func sample(_ times: [MediaTime], period: Duration) -> [Int64: MediaTime] {
        var sampler = FrameSampler(period: period)
        var taken: [Int64: MediaTime] = [:]
        for time in times {
            if let slot = sampler.frameArrived(at: time) { taken[slot] = time }
        }
        return taken
    }

    @Test("takes a frame when its time reaches the next due point")
    func takesWhenDue() {
        var sampler = FrameSampler(period: .milliseconds(250))
        #expect(sampler.frameArrived(at: .zero) == 0)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 0.24)) == nil)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 0.28)) == 1)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 0.32)) == nil)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 0.52)) == 2)
    }

    @Test("fills the same points at every frame rate", arguments: [10.0, 12.5, 15, 24, 25, 29.97, 30, 50, 60, 120])
    func sameSlotsAtEveryRate(rate: Double) {
        let times = (0..<Int(60 * rate)).map { MediaTime(seconds: Double($0) / rate) }
        let taken = self.sample(times, period: .milliseconds(250))
        #expect(taken.keys.sorted() == Array(0..<Int64(taken.count)))
        #expect(taken.count == 240)
        for (slot, time) in taken {
            let due = Double(slot) * 0.25
            #expect(time.seconds >= due - 0.0015 && time.seconds < due + 1 / rate)
        }
    }

    @Test("takes the same frames whether stamps were rounded to milliseconds, cut to them, or to 90 kHz")
    func roundingOfStamps() {
        let count = 25 * 3600
        func frames(_ stamp: (Int) -> Double) -> [Int64: Int] {
            var sampler = FrameSampler(period: .milliseconds(250))
            var taken: [Int64: Int] = [:]
            for frame in 0..<count {
                if let slot = sampler.frameArrived(at: MediaTime(seconds: stamp(frame) - stamp(0))) {
                    taken[slot] = frame
                }
            }
            return taken
        }
        // A first frame at 7.7 ms, so that rounding works differently on each stamp.
        let exact = frames { Double($0) / 25 }
        #expect(exact == frames { (Double($0) * 40 + 7.7).rounded() / 1000 })
        #expect(exact == frames { (Double($0) * 40 + 7.7).rounded(.down) / 1000 })
        #expect(exact == frames { ((Double($0) / 25 + 0.0077) * 90_000).rounded() / 90_000 })
        #expect(exact.count == 4 * 3600)
    }

    @Test("leaves out the points for which no frame came")
    func gaps() {
        var sampler = FrameSampler(period: .seconds(1))
        #expect(sampler.frameArrived(at: .zero) == 0)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 1)) == 1)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 7.4)) == 7)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 7.9)) == nil)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 8)) == 8)
    }

    @Test("takes every frame of a stream slower than the grid, once")
    func slowStream() {
        let taken = self.sample((0..<10).map { MediaTime(seconds: Double($0)) }, period: .milliseconds(250))
        #expect(taken.keys.sorted() == (0..<10).map { $0 * 4 })
    }

    @Test("starts a new grid with a new segment, and its numbers go on rising with time")
    func newSegment() {
        var sampler = FrameSampler(period: .seconds(1))
        #expect(sampler.frameArrived(at: .zero) == 0)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 1)) == 1)
        sampler.segmentBegan()
        #expect(sampler.frameArrived(at: MediaTime(seconds: 33.4)) == 33)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 34)) == nil)
        #expect(sampler.frameArrived(at: MediaTime(seconds: 34.4)) == 34)
        sampler.segmentBegan()
        #expect(sampler.frameArrived(at: MediaTime(seconds: 34.5)) == 35)
    }

    @Test("gives the same points for a variable rate as for a constant one")
    func variableRate() {
        var random = SplitMix64(seed: 42)
        var time = 0.0
        var times: [MediaTime] = []
        while time < 60 {
            times.append(MediaTime(seconds: time))
            time += Double.random(in: 0.005...0.2, using: &random)
        }
        let taken = self.sample(times, period: .milliseconds(250))
        #expect(taken.keys.sorted() == Array(0..<Int64(taken.count)))
        #expect((239...240).contains(taken.count))
    }
}
