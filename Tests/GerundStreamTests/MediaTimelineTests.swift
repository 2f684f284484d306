import GerundCore
import GerundTesting
import Testing

@testable import GerundStream

@Suite("MediaTimeline")
struct MediaTimelineTests {
    /// 90 kHz: 3600 ticks per frame at 25 frames per second.
    private static let timeBase = TimeBase(numerator: 1, denominator: 90_000)
    private let start = ContinuousClock.now

    private func timeline(_ limits: MediaTimeline.Limits = .file, wrapBits: Int = 33) -> MediaTimeline {
        var timeline = MediaTimeline(limits: limits)
        timeline.streamOpened(timeBase: Self.timeBase, wrapBits: wrapBits, frameDuration: .milliseconds(40))
        return timeline
    }

    /// Returns the positions of frames that arrive 40 ms apart; `nil` for a discarded one.
    private func positions(of pts: [Int64?], in timeline: inout MediaTimeline) -> [MediaTimeline.Position?] {
        pts.enumerated().map { index, pts in
            timeline.frameDecoded(pts: pts, arrival: self.start + .milliseconds(40 * index)).position
        }
    }

    private func milliseconds(_ positions: [MediaTimeline.Position?]) -> [Int64?] {
        positions.map { $0.map { $0.time.nanoseconds / 1_000_000 } }
    }

    private static let origins: [Int64] = [0, 3600, -7200, 95_442 * 90_000, .min, .max - 7200]

    @Test("Starts at zero for any first PTS", arguments: origins)
    func origin(first: Int64) {
        var timeline = self.timeline(wrapBits: 64)
        let positions = self.positions(of: [first, first + 3600, first + 7200], in: &timeline)
        #expect(self.milliseconds(positions) == [0, 40, 80])
        #expect(positions.map { $0?.beginsSegment } == [true, false, false])
    }

    @Test("Keeps gaps within the forward limit")
    func gap() {
        var timeline = self.timeline()
        let positions = self.positions(of: [0, 3600, 3600 + 270_000], in: &timeline)
        #expect(self.milliseconds(positions) == [0, 40, 3040])
        #expect(positions.last??.segment == 0)
    }

    @Test("Accepts a jump of exactly the forward limit and discards a larger one", arguments: [0, 1] as [Int64])
    func forwardLimit(excess: Int64) {
        var timeline = self.timeline(wrapBits: 64)
        let limit: Int64 = 600 * 90_000
        let positions = self.positions(of: [0, limit + excess], in: &timeline)
        #expect(self.milliseconds(positions) == [0, excess == 0 ? 600_000 : nil])
    }

    @Test("Advances by the frame duration where PTS are missing or repeated")
    func missing() {
        var timeline = self.timeline()
        #expect(self.milliseconds(self.positions(of: [nil, nil, nil], in: &timeline)) == [0, 40, 80])
        let positions = self.positions(of: [9000, 12_600, 12_600, nil, 23_400], in: &timeline)
        #expect(self.milliseconds(positions) == [120, 160, 200, 240, 280])
    }

    @Test("Advances by the arrival time where a live source has no PTS")
    func missingLive() {
        var timeline = self.timeline(.live)
        let positions = [0, 35, 90].map {
            timeline.frameDecoded(pts: nil, arrival: self.start + .milliseconds($0)).position
        }
        #expect(self.milliseconds(positions) == [0, 35, 90])
    }

    @Test("Continues across each wrap of 33-bit PTS")
    func wrap() {
        var timeline = self.timeline()
        let modulus = Int64(1) << 33
        #expect(self.milliseconds(self.positions(of: [modulus - 3600, 0, 3600], in: &timeline)) == [0, 40, 80])
        // Every 26.5 hours; in steps within a file's forward limit.
        var pts: Int64 = 3600
        var last: MediaTime = .zero
        var wraps = 0
        while wraps < 2 {
            let next = (pts + 45_000_000) % modulus
            if next < pts { wraps += 1 }
            pts = next
            let position = timeline.frameDecoded(pts: pts, arrival: self.start).position
            #expect(position?.segment == 0)
            last = position?.time ?? last
        }
        #expect(last.seconds > 2 * 95_443)
    }

    @Test("Discards a late frame and continues")
    func late() {
        var timeline = self.timeline()
        let positions = self.positions(of: [0, 3600, 10_800, 7200, 14_400], in: &timeline)
        #expect(self.milliseconds(positions) == [0, 40, 120, nil, 160])
        #expect(positions.last??.segment == 0)
    }

    @Test(
        "Discards a single out-of-range PTS, ahead or behind", arguments: [1 << 40, -(1 << 40), .max, .min] as [Int64])
    func outOfRange(pts: Int64) {
        var timeline = self.timeline(wrapBits: 64)
        let positions = self.positions(of: [0, 3600, pts, 10_800], in: &timeline)
        #expect(self.milliseconds(positions) == [0, 40, nil, 120])
        #expect(positions.last??.segment == 0)
    }

    @Test("Discards an out-of-range PTS that repeats, because a repeated PTS confirms nothing")
    func repeatedOutOfRange() {
        var timeline = self.timeline(wrapBits: 64)
        let positions = self.positions(of: [0, 3600, 1 << 40, 1 << 40, 14_400], in: &timeline)
        #expect(self.milliseconds(positions) == [0, 40, nil, nil, 160])
        #expect(positions.last??.segment == 0)
    }

    @Test("Increases by a nanosecond for frames without PTS that arrive at the same instant")
    func simultaneousArrival() {
        var timeline = self.timeline(.live)
        let times = (0..<3).map { _ in
            timeline.frameDecoded(pts: nil, arrival: self.start).position?.time.nanoseconds
        }
        #expect(times == [0, 1, 2])
    }

    @Test("Begins a segment when PTS jump back, as in concatenated files")
    func jumpBack() {
        var timeline = self.timeline()
        let positions = self.positions(of: [900_000_000, 900_003_600, 0, 3600, 7200], in: &timeline)
        #expect(self.milliseconds(positions) == [0, 40, nil, 80, 120])
        #expect(positions.map { $0?.segment } == [0, 0, nil, 1, 1])
        #expect(positions.map { $0?.beginsSegment } == [true, false, nil, true, false])
    }

    @Test("Begins a segment when a live camera's clock is set, timed by the arrival")
    func clockSet() {
        var timeline = self.timeline(.live)
        let positions = self.positions(of: [0, 3600, 90_000_000, 90_003_600, 90_007_200], in: &timeline)
        #expect(self.milliseconds(positions) == [0, 40, nil, 120, 160])
        #expect(positions.map { $0?.segment } == [0, 0, nil, 1, 1])
    }

    @Test("Accepts a long gap of a live camera that agrees with the wall time")
    func longGap() {
        var timeline = self.timeline(.live)
        #expect(timeline.frameDecoded(pts: 0, arrival: self.start).position?.segment == 0)
        let later = timeline.frameDecoded(pts: 90_000 * 60, arrival: self.start + .seconds(60)).position
        #expect(later?.time == MediaTime(seconds: 60))
        #expect(later?.segment == 0)
    }

    @Test("Begins a segment after twelve late frames in a row")
    func smallJumpBack() {
        var timeline = self.timeline()
        var pts: [Int64?] = [90_000, 93_600]
        pts += (0..<20).map { 54_000 + $0 }
        let positions = self.positions(of: pts, in: &timeline)
        #expect(positions.last??.segment == 1)
        #expect(positions.filter { $0 == nil }.count == 12)
    }

    @Test("Continues after a reopening in a new segment, later by the wall time that has passed")
    func reopened() {
        var timeline = self.timeline(.live)
        _ = self.positions(of: [1_000_000, 1_003_600], in: &timeline)
        timeline.streamOpened(timeBase: TimeBase(numerator: 1, denominator: 1000), wrapBits: 0, frameDuration: nil)
        let first = timeline.frameDecoded(pts: 77, arrival: self.start + .milliseconds(40) + .seconds(30))
        #expect(first == .use(.init(time: MediaTime(seconds: 30.04), segment: 1, beginsSegment: true)))
        let second = timeline.frameDecoded(pts: 117, arrival: self.start + .milliseconds(80) + .seconds(30))
        #expect(second == .use(.init(time: MediaTime(seconds: 30.08), segment: 1, beginsSegment: false)))
    }

    @Test("Discards the frames of a forged file beyond the end of the timeline")
    func endOfTimeline() {
        var limits = MediaTimeline.Limits.file
        limits.maximumForwardJump = .seconds(1 << 32)
        var timeline = MediaTimeline(limits: limits)
        timeline.streamOpened(timeBase: TimeBase(numerator: 1, denominator: 1), wrapBits: 0, frameDuration: nil)
        let positions = self.positions(of: [0, 1 << 32, 1 << 33], in: &timeline)
        // 4.3e9 s is within 146 years, 8.6e9 s is not.
        #expect(positions.map { $0?.time.seconds } == [0, 4_294_967_296, nil])
        // Frames with PTS before the end are used again, but missing PTS never lead beyond it.
        #expect(timeline.frameDecoded(pts: 4_294_967_297, arrival: self.start).position != nil)
        for _ in 0..<100 {
            let position = timeline.frameDecoded(pts: nil, arrival: self.start).position
            #expect(position.map { $0.time <= MediaTimeline.maximumTime } ?? true)
        }
    }

    // MARK: Properties

    /// A plausible stream: increasing PTS with gaps, late frames, and frames without PTS, from 0.
    private func stream(seed: UInt64, count: Int = 2000) -> [Int64?] {
        var random = SplitMix64(seed: seed)
        var pts: Int64 = 0
        return (0..<count).map { _ in
            pts += Int64.random(in: 1...9000, using: &random)
            switch Int.random(in: 0..<20, using: &random) {
            case 0: return nil
            case 1: return max(0, pts - Int64.random(in: 0...20_000, using: &random))
            case 2: pts += Int64.random(in: 0...900_000, using: &random)
            default: break
            }
            return pts
        }
    }

    @Test("Assigns the same positions wherever the PTS start", arguments: 0..<20 as Range<UInt64>)
    func shiftInvariance(seed: UInt64) {
        let stream = self.stream(seed: seed)
        var reference = self.timeline(wrapBits: 64)
        let expected = self.positions(of: stream, in: &reference)
        #expect(expected.contains { $0 == nil } && expected.last??.time != .zero)
        for shift in [-(1 << 62), -1, 1, 12_345, 1 << 62] as [Int64] {
            var timeline = self.timeline(wrapBits: 64)
            let shifted = self.positions(of: stream.map { $0.map { $0 + shift } }, in: &timeline)
            #expect(shifted == expected, "seed \(seed), shift \(shift)")
        }
    }

    @Test("Assigns the same positions to wrapped PTS as to PTS of 64 bits", arguments: 0..<20 as Range<UInt64>)
    func wrapInvariance(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let modulus: Int64 = 1 << 33
        // Without late frames, because half a second before the wrap is also nearly 26 hours after it.
        var pts = modulus - Int64.random(in: 1...10_000_000, using: &random)
        let stream: [Int64?] = (0..<2000).map { _ in
            pts += Int64.random(in: 1...9000, using: &random)
            return pts
        }
        var (plain, wrapped) = (self.timeline(wrapBits: 64), self.timeline(wrapBits: 33))
        let expected = self.positions(of: stream, in: &plain)
        #expect(self.positions(of: stream.map { $0.map { $0 % modulus } }, in: &wrapped) == expected, "seed \(seed)")
        #expect(expected.allSatisfy { $0?.segment == 0 })
    }

    @Test("Measures intervals within a segment exactly, without accumulating rounding errors")
    func roundingErrors() {
        // 29.97 frames per second in units of 1/30000 s: 1001 ticks are 33.36666... ms.
        var timeline = MediaTimeline(limits: .file)
        timeline.streamOpened(
            timeBase: TimeBase(numerator: 1, denominator: 30_000), wrapBits: 64, frameDuration: nil)
        for index in 0..<100_000 as Range<Int64> {
            let position = timeline.frameDecoded(pts: index * 1001, arrival: self.start).position
            let exact = (Int128(index) * 1001 * 1_000_000_000 + 15_000) / 30_000
            guard let position, Int128(position.time.nanoseconds) == exact else {
                Issue.record("frame \(index) at \(String(describing: position)), expected \(exact) ns")
                return
            }
        }
    }

    @Test("Increases strictly for any PTS and never traps")
    func anyPTS() {
        var random = SplitMix64(seed: 7)
        for limits in [MediaTimeline.Limits.file, .live] {
            var timeline = self.timeline(limits)
            var last: MediaTimeline.Position?
            var (pts, used): (Int64, Int) = (0, 0)
            for step in 0..<20_000 {
                switch Int.random(in: 0..<12, using: &random) {
                case 0: pts = Int64.random(in: .min ... .max, using: &random)
                case 1: pts &-= 1800
                case 2:
                    timeline.streamOpened(
                        timeBase: TimeBase(
                            numerator: .random(in: .min ... .max, using: &random),
                            denominator: .random(in: .min ... .max, using: &random)),
                        wrapBits: .random(in: -5...70, using: &random), frameDuration: .zero)
                default: pts &+= 3600
                }
                let given = Int.random(in: 0..<10, using: &random) == 0 ? nil : pts
                let arrival = self.start + .milliseconds(40 * step)
                guard case .use(let next) = timeline.frameDecoded(pts: given, arrival: arrival) else { continue }
                used += 1
                if let last {
                    #expect(next.time > last.time)
                    #expect(next.beginsSegment ? next.segment == last.segment + 1 : next.segment == last.segment)
                } else {
                    #expect(next == .init(time: .zero, segment: 0, beginsSegment: true))
                }
                last = next
            }
            #expect(used > 5000)
        }
    }
}

extension MediaTimeline.FrameAction {
    /// The position of a frame that is used.
    fileprivate var position: MediaTimeline.Position? {
        if case .use(let position) = self { position } else { nil }
    }
}
