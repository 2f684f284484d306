import GerundEngine
import Testing

@Suite("The mode of a source")
struct ModeGovernorTests {
    private static let period = Duration.milliseconds(250)

    private func governor(_ mode: RecognitionMode = .auto, loses: Bool = true) -> ModeGovernor {
        ModeGovernor(mode: mode, period: Self.period, loses: loses)
    }

    /// So many seconds in which every answer takes so long.
    private func run(_ governor: inout ModeGovernor, seconds: Int, latency: Duration) {
        for _ in 0..<seconds * 4 { governor.windowFinished(latency: latency, elapsed: Self.period) }
    }

    @Test("stays as the user wants it, however late answers are", arguments: [RecognitionMode.exact, .fast])
    func fixed(mode: RecognitionMode) {
        var governor = self.governor(mode)
        self.run(&governor, seconds: 100, latency: .seconds(10))
        #expect(governor.isFast == (mode == .fast))
        self.run(&governor, seconds: 100, latency: .milliseconds(1))
        #expect(governor.isFast == (mode == .fast))
    }

    @Test("is exact for a source that waits for its reader")
    func file() {
        var governor = self.governor(loses: false)
        #expect(!governor.mayBeFast)
        self.run(&governor, seconds: 100, latency: .seconds(10))
        #expect(!governor.isFast)
    }

    @Test("turns fast when answers come later than frames, and not for a single late one")
    func degradation() {
        var governor = self.governor()
        self.run(&governor, seconds: 60, latency: .milliseconds(100))
        governor.windowFinished(latency: .milliseconds(700), elapsed: Self.period)
        #expect(!governor.isFast)
        self.run(&governor, seconds: 2, latency: .milliseconds(400))
        #expect(governor.isFast)
    }

    @Test("tries exact windows again after a while of early answers")
    func recovery() {
        var governor = self.governor()
        self.run(&governor, seconds: 2, latency: .milliseconds(400))
        self.run(&governor, seconds: 10, latency: .milliseconds(30))
        #expect(governor.isFast)
        self.run(&governor, seconds: 11, latency: .milliseconds(30))
        #expect(!governor.isFast)
    }

    @Test("stays fast while fast answers are not early enough for exact ones")
    func noRecovery() {
        var governor = self.governor()
        self.run(&governor, seconds: 2, latency: .milliseconds(400))
        self.run(&governor, seconds: 1000, latency: .milliseconds(150))
        #expect(governor.isFast)
    }

    @Test("waits longer from trial to trial while trials fail")
    func hysteresis() {
        var governor = self.governor()
        var (changes, wasFast) = (0, false)
        for _ in 0..<4 * 3600 {
            governor.windowFinished(
                latency: governor.isFast ? .milliseconds(40) : .milliseconds(320), elapsed: Self.period)
            changes += governor.isFast == wasFast ? 0 : 1
            wasFast = governor.isFast
        }
        // 20, 40, ... 640 s between two trials: a dozen in an hour, not a hundred and eighty.
        #expect(changes < 30, "\(changes) changes in an hour")
        #expect(governor.isFast || changes > 2)
    }
}
