import GerundCore
import GerundStream
import Testing

@Suite("A source supervisor")
struct SourceSupervisorTests {
    private static func error(_ code: CaptureError.Code) -> CaptureError {
        CaptureError(code: code, source: SourceID("door"), message: "no")
    }

    private func supervisor(isLive: Bool = true, keepsTrying: Bool = false) -> SourceSupervisor {
        SourceSupervisor(isLive: isLive, keepsTrying: keepsTrying, backoff: Backoff(jitter: 0, seed: 1))
    }

    private static let codes: [CaptureError.Code] = [
        .usage, .notFound, .unauthorized, .unreachable, .timedOut, .notAVideo, .unsupported, .lost,
    ]

    @Test("gives up a source that never opened", arguments: codes)
    func neverOpened(code: CaptureError.Code) {
        var supervisor = self.supervisor()
        #expect(supervisor.failed(Self.error(code)) == .giveUp(Self.error(code)))
    }

    @Test("keeps trying what never opened when told to, but not with a wrong password or option", arguments: codes)
    func keepsTrying(code: CaptureError.Code) {
        var supervisor = self.supervisor(keepsTrying: true)
        let isHopeless = code == .unauthorized || code == .usage
        let action = supervisor.failed(Self.error(code))
        #expect(action == (isHopeless ? .giveUp(Self.error(code)) : .retry(after: .milliseconds(500))))
    }

    @Test("retries a live source that was open once, for ever and whatever fails", arguments: codes)
    func wasOpen(code: CaptureError.Code) {
        var supervisor = self.supervisor()
        supervisor.opened(isLive: true)
        var delays: [Duration] = []
        for _ in 0..<100_000 {
            guard case .retry(let delay) = supervisor.failed(Self.error(code)) else { break }
            delays.append(delay)
        }
        #expect(delays.count == 100_000)
        #expect(delays.prefix(8).map(\.inSeconds) == [0.5, 1, 2, 4, 8, 16, 30, 30])
        #expect(delays.last == .seconds(30))
    }

    @Test("starts with short delays again after ten good seconds, not after the first frame")
    func reset() {
        let start = ContinuousClock.now
        var supervisor = self.supervisor()
        func delayAfter(good: Duration) -> SourceSupervisor.Action {
            supervisor.opened(isLive: true)
            supervisor.frameArrived(now: start)
            supervisor.frameArrived(now: start + good)
            return supervisor.failed(Self.error(.lost))
        }
        #expect(delayAfter(good: .seconds(1)) == .retry(after: .milliseconds(500)))
        #expect(delayAfter(good: .seconds(1)) == .retry(after: .seconds(1)))
        #expect(delayAfter(good: .seconds(9)) == .retry(after: .seconds(2)))
        #expect(delayAfter(good: .seconds(10)) == .retry(after: .milliseconds(500)))
    }

    @Test("ends with a file's end, retries after a camera's")
    func ends() {
        var file = self.supervisor(isLive: false)
        file.opened(isLive: false)
        #expect(file.ended() == .end)
        var camera = self.supervisor()
        camera.opened(isLive: true)
        #expect(camera.ended() == .retry(after: .milliseconds(500)))
        // A film behind an address that might have been a camera's.
        var film = self.supervisor()
        film.opened(isLive: false)
        #expect(film.ended() == .end)
    }

    @Test("gives up a file that can't be read on")
    func fileFails() {
        var file = self.supervisor(isLive: false, keepsTrying: true)
        file.opened(isLive: false)
        #expect(file.failed(Self.error(.lost)) == .giveUp(Self.error(.lost)))
    }

    @Test("spreads delays by the jitter, never above the maximum, the same for the same seed")
    func jitter() {
        func delays(seed: UInt64) -> [Double] {
            var backoff = Backoff(jitter: 0.2, seed: seed)
            return (0..<50).map { _ in backoff.next().inSeconds }
        }
        #expect(delays(seed: 1) == delays(seed: 1))
        #expect(delays(seed: 1) != delays(seed: 2))
        for (delay, middle) in zip(delays(seed: 3), [0.5, 1, 2, 4, 8, 16]) {
            #expect(abs(delay - middle) <= 0.2 * middle + 1e-9)
        }
        #expect(delays(seed: 4).allSatisfy { $0 <= 30 })
    }
}
