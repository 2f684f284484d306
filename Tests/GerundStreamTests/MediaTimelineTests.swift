import GerundCore
import GerundStream
import GerundTesting
import Testing

@Suite("A media timeline")
struct MediaTimelineTests {
    /// 90 kHz, 25 frames per second: 3600 ticks a frame.
    private static let ticks = TimeBase(numerator: 1, denominator: 90_000)
    private let start = ContinuousClock.now

    private func timeline(_ limits: MediaTimeline.Limits = .file, wrapBits: Int = 33) -> MediaTimeline {
        var timeline = MediaTimeline(limits: limits)
        timeline.opened(timeBase: Self.ticks, wrapBits: wrapBits, frameDuration: .milliseconds(40))
        return timeline
    }

    /// Places the stamps, which arrive 40 ms apart.
    private func place(_ stamps: [Int64?], in timeline: inout MediaTimeline) -> [MediaTimeline.Position?] {
        stamps.enumerated().map { timeline.place(stamp: $1, arrival: self.start + .milliseconds(40 * $0)) }
    }

    private func milliseconds(_ positions: [MediaTimeline.Position?]) -> [Int64?] {
        positions.map { $0.map { $0.time.nanoseconds / 1_000_000 } }
    }

    private static let origins: [Int64] = [0, 3600, -7200, 95_442 * 90_000, .min, .max - 7200]

    @Test("starts at zero wherever the stamps start", arguments: origins)
    func origin(first: Int64) {
        var timeline = self.timeline(wrapBits: 64)
        let positions = self.place([first, first + 3600, first + 7200], in: &timeline)
        #expect(self.milliseconds(positions) == [0, 40, 80])
        #expect(positions.map { $0?.beginsSegment } == [true, false, false])
    }

    @Test("keeps gaps, which are part of the film")
    func gap() {
        var timeline = self.timeline()
        let positions = self.place([0, 3600, 3600 + 270_000], in: &timeline)
        #expect(self.milliseconds(positions) == [0, 40, 3040])
        #expect(positions.last??.segment == 0)
    }

    @Test("goes on by the frame rate where stamps are missing or repeat")
    func missing() {
        var timeline = self.timeline()
        #expect(self.milliseconds(self.place([nil, nil, nil], in: &timeline)) == [0, 40, 80])
        let positions = self.place([9000, 12_600, 12_600, nil, 23_400], in: &timeline)
        #expect(self.milliseconds(positions) == [120, 160, 200, 240, 280])
    }

    @Test("goes by the arrival where a live source gives no stamps")
    func missingLive() {
        var timeline = self.timeline(.live)
        let times = [0, 35, 90].map { timeline.place(stamp: nil, arrival: self.start + .milliseconds($0)) }
        #expect(self.milliseconds(times) == [0, 35, 90])
    }

    @Test("goes on across the wrap of 33-bit stamps, each time")
    func wrap() {
        var timeline = self.timeline()
        let turn = Int64(1) << 33
        #expect(self.milliseconds(self.place([turn - 3600, 0, 3600], in: &timeline)) == [0, 40, 80])
        // Every 26.5 hours; in steps that a file's forward limit allows.
        var stamp: Int64 = 3600
        var last: MediaTime = .zero
        var turns = 0
        while turns < 2 {
            let next = (stamp + 45_000_000) % turn
            if next < stamp { turns += 1 }
            stamp = next
            let position = timeline.place(stamp: stamp, arrival: self.start)
            #expect(position?.segment == 0)
            last = position?.time ?? last
        }
        #expect(last.seconds > 2 * 95_443)
    }

    @Test("leaves out a frame that is late, and goes on")
    func late() {
        var timeline = self.timeline()
        let positions = self.place([0, 3600, 10_800, 7200, 14_400], in: &timeline)
        #expect(self.milliseconds(positions) == [0, 40, 120, nil, 160])
        #expect(positions.last??.segment == 0)
    }

    @Test("leaves out one wild stamp, ahead or behind", arguments: [1 << 40, -(1 << 40), .max, .min] as [Int64])
    func wildStamp(wild: Int64) {
        var timeline = self.timeline(wrapBits: 64)
        let positions = self.place([0, 3600, wild, 10_800], in: &timeline)
        #expect(self.milliseconds(positions) == [0, 40, nil, 120])
        #expect(positions.last??.segment == 0)
    }

    @Test("begins a segment when stamps jump back, as in files joined end to end")
    func jumpBack() {
        var timeline = self.timeline()
        let positions = self.place([900_000_000, 900_003_600, 0, 3600, 7200], in: &timeline)
        #expect(self.milliseconds(positions) == [0, 40, nil, 80, 120])
        #expect(positions.map { $0?.segment } == [0, 0, nil, 1, 1])
        #expect(positions.map { $0?.beginsSegment } == [true, false, nil, true, false])
    }

    @Test("begins a segment when a live camera's clock is set, and dates it by the arrival")
    func clockSet() {
        var timeline = self.timeline(.live)
        let positions = self.place([0, 3600, 90_000_000, 90_003_600, 90_007_200], in: &timeline)
        #expect(self.milliseconds(positions) == [0, 40, nil, 120, 160])
        #expect(positions.map { $0?.segment } == [0, 0, nil, 1, 1])
    }

    @Test("believes a long silence of a live camera when the clock on the wall agrees")
    func longSilence() {
        var timeline = self.timeline(.live)
        #expect(timeline.place(stamp: 0, arrival: self.start)?.segment == 0)
        let later = timeline.place(stamp: 90_000 * 60, arrival: self.start + .seconds(60))
        #expect(later?.time == MediaTime(seconds: 60))
        #expect(later?.segment == 0)
    }

    @Test("begins a segment when stamps have moved back by less than is wild")
    func smallJumpBack() {
        var timeline = self.timeline()
        var stamps: [Int64?] = [90_000, 93_600]
        stamps += (0..<20).map { 54_000 + $0 }
        let positions = self.place(stamps, in: &timeline)
        #expect(positions.last??.segment == 1)
        #expect(positions.filter { $0 == nil }.count == 12)
    }

    @Test("goes on after a reopening, later by the time that passed, in a new segment")
    func reopened() {
        var timeline = self.timeline(.live)
        _ = self.place([1_000_000, 1_003_600], in: &timeline)
        timeline.opened(timeBase: TimeBase(numerator: 1, denominator: 1000), wrapBits: 0, frameDuration: nil)
        let first = timeline.place(stamp: 77, arrival: self.start + .milliseconds(40) + .seconds(30))
        #expect(first == .init(time: MediaTime(seconds: 30.04), segment: 1, beginsSegment: true))
        let second = timeline.place(stamp: 117, arrival: self.start + .milliseconds(80) + .seconds(30))
        #expect(second == .init(time: MediaTime(seconds: 30.08), segment: 1, beginsSegment: false))
    }

    @Test("rises from frame to frame whatever the stamps are, and never traps")
    func anyStamps() {
        var random = SplitMix64(seed: 7)
        for limits in [MediaTimeline.Limits.file, .live] {
            var timeline = self.timeline(limits)
            var last: MediaTimeline.Position?
            var stamp: Int64 = 0
            for step in 0..<20_000 {
                switch Int.random(in: 0..<12, using: &random) {
                case 0: stamp = Int64.random(in: .min ... .max, using: &random)
                case 1: stamp &-= 1800
                case 2:
                    timeline.opened(
                        timeBase: TimeBase(
                            numerator: .random(in: .min ... .max, using: &random),
                            denominator: .random(in: .min ... .max, using: &random)),
                        wrapBits: .random(in: -5...70, using: &random), frameDuration: .zero)
                default: stamp &+= 3600
                }
                let given = Int.random(in: 0..<10, using: &random) == 0 ? nil : stamp
                guard let next = timeline.place(stamp: given, arrival: self.start + .milliseconds(40 * step)) else {
                    continue
                }
                if let last {
                    #expect(next.time > last.time)
                    #expect(next.beginsSegment ? next.segment == last.segment + 1 : next.segment == last.segment)
                }
                last = next
            }
        }
    }
}
