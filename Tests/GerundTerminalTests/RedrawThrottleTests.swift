import Testing

@testable import GerundTerminal

@Suite("RedrawThrottle")
struct RedrawThrottleTests {
    @Test("Draws at once, then at most ten times per second, and once per second without changes")
    func pace() {
        var throttle = RedrawThrottle()
        let start = ContinuousClock.now
        #expect(throttle.next(hasChanged: false, at: start) == .draw)
        #expect(throttle.next(hasChanged: true, at: start + .milliseconds(40)) == .wait(.milliseconds(60)))
        #expect(throttle.next(hasChanged: false, at: start + .milliseconds(100)) == .wait(.milliseconds(900)))
        #expect(throttle.next(hasChanged: true, at: start + .milliseconds(100)) == .draw)
        #expect(throttle.next(hasChanged: false, at: start + .milliseconds(1100)) == .draw)
        let draws = (0..<10_000).filter {
            throttle.next(hasChanged: true, at: start + .milliseconds(2000 + $0)) == .draw
        }
        #expect(draws.count == 100)
    }
}
