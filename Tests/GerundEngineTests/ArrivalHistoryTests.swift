import GerundCore
import Testing

@testable import GerundEngine

@Suite("ArrivalHistory")
struct ArrivalHistoryTests {
    private let start = ContinuousClock.now

    private func seconds(_ history: ArrivalHistory, at time: Double) -> Double? {
        history.instant(of: MediaTime(seconds: time)).map { self.start.duration(to: $0) / .seconds(1) }
    }

    @Test("Knows no time without frames")
    func empty() {
        #expect(ArrivalHistory().instant(of: .zero) == nil)
    }

    @Test("Interpolates between frames, and continues in real time beyond them")
    func interpolation() throws {
        var history = ArrivalHistory()
        // A file that is read ten times as fast as it plays, from media time 2 s on, with a pause of 1 s after 4 s.
        for (time, instant) in [(2.0, 0.0), (3, 0.1), (4, 0.2), (5, 1.3)] {
            history.frameArrived(at: MediaTime(seconds: time), instant: self.start + .seconds(instant))
        }
        for (time, instant) in [(2.0, 0.0), (2.5, 0.05), (3, 0.1), (3.75, 0.175), (4, 0.2), (4.5, 0.75), (5, 1.3)] {
            #expect(abs(try #require(self.seconds(history, at: time)) - instant) < 1e-6, "\(time)")
        }
        #expect(abs(try #require(self.seconds(history, at: 1.5)) + 0.5) < 1e-6)
        #expect(abs(try #require(self.seconds(history, at: 5.5)) - 1.8) < 1e-6)
    }

    @Test("Never reverses the order of two times, however many frames have passed")
    func order() throws {
        var history = ArrivalHistory(capacity: 8)
        for number in 0..<100 {
            history.frameArrived(
                at: MediaTime(seconds: Double(number)), instant: self.start + .milliseconds(number * number))
            let instants = stride(from: -5.0, through: 110, by: 0.5).compactMap { self.seconds(history, at: $0) }
            #expect(instants.count == 231 && zip(instants, instants.dropFirst()).allSatisfy { $0 <= $1 })
        }
        // The last frames are kept.
        #expect(abs(try #require(self.seconds(history, at: 95)) - 9.025) < 1e-6)
    }

    @Test("Frames with one time have one instant")
    func equalTimes() {
        var history = ArrivalHistory()
        for instant in 0..<3 { history.frameArrived(at: .zero, instant: self.start + .seconds(instant)) }
        #expect(self.seconds(history, at: 0) == 0)
    }
}
