import GerundCore
import GerundStream
import Testing

@Suite("Pacer")
struct PacerTests {
    private let start = ContinuousClock.now

    @Test("Delays frames until their media time has passed since the first frame")
    func schedule() {
        var pacer = Pacer()
        #expect(pacer.delay(before: MediaTime(seconds: 5), now: self.start) == .zero)
        #expect(pacer.delay(before: MediaTime(seconds: 5.5), now: self.start) == .milliseconds(500))
        #expect(pacer.delay(before: MediaTime(seconds: 6), now: self.start + .milliseconds(900)) == .milliseconds(100))
        #expect(pacer.delay(before: MediaTime(seconds: 7), now: self.start + .milliseconds(2500)) == .zero)
    }

    @Test("Catches up after a lag of up to a second, and moves the schedule after a longer one")
    func lag() {
        var pacer = Pacer()
        _ = pacer.delay(before: .zero, now: self.start)
        #expect(pacer.delay(before: MediaTime(seconds: 1), now: self.start + .seconds(2)) == .zero)
        #expect(pacer.delay(before: MediaTime(seconds: 3), now: self.start + .seconds(2)) == .seconds(1))
        // 3.5 s of media time are due at 3.5 s: 1.001 s late.
        #expect(pacer.delay(before: MediaTime(seconds: 3.5), now: self.start + .milliseconds(4501)) == .zero)
        #expect(pacer.delay(before: MediaTime(seconds: 4.5), now: self.start + .milliseconds(4501)) == .seconds(1))
    }
}
