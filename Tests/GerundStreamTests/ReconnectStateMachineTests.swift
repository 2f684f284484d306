import GerundCore
import GerundStream
import Testing

@Suite("ReconnectStateMachine")
struct ReconnectStateMachineTests {
    private static func error(_ code: CaptureError.Code) -> CaptureError {
        CaptureError(code: code, source: SourceID("door"), message: "no")
    }

    private func stateMachine(isLive: Bool = true, retriesInitialFailure: Bool = false) -> ReconnectStateMachine {
        ReconnectStateMachine(
            isLive: isLive, retriesInitialFailure: retriesInitialFailure, backoff: Backoff(jitter: 0, seed: 1))
    }

    private static let codes: [CaptureError.Code] = [
        .invalidAddress, .notFound, .unauthorized, .unreachable, .timedOut, .invalidData, .unsupported, .disconnected,
    ]

    @Test("Fails if a source could never be opened", arguments: codes)
    func neverOpened(code: CaptureError.Code) {
        var stateMachine = self.stateMachine()
        #expect(stateMachine.failed(Self.error(code)) == .fail(Self.error(code)))
    }

    @Test("Retries an initial failure if configured to, except for wrong credentials and addresses", arguments: codes)
    func initialFailure(code: CaptureError.Code) {
        var stateMachine = self.stateMachine(retriesInitialFailure: true)
        let isPermanent = code == .unauthorized || code == .invalidAddress
        let action = stateMachine.failed(Self.error(code))
        #expect(action == (isPermanent ? .fail(Self.error(code)) : .retry(after: .milliseconds(500))))
    }

    @Test("Retries a live source that was open once, forever and after any error", arguments: codes)
    func wasOpen(code: CaptureError.Code) {
        var stateMachine = self.stateMachine()
        stateMachine.connected(isLive: true)
        var delays: [Duration] = []
        for _ in 0..<100_000 {
            guard case .retry(let delay) = stateMachine.failed(Self.error(code)) else { break }
            delays.append(delay)
        }
        #expect(delays.count == 100_000)
        #expect(delays.prefix(8).map(\.seconds) == [0.5, 1, 2, 4, 8, 16, 30, 30])
        #expect(delays.last == .seconds(30))
    }

    @Test("Resets the backoff after ten seconds of frames, not after the first frame")
    func reset() {
        let start = ContinuousClock.now
        var stateMachine = self.stateMachine()
        func delayAfter(good: Duration) -> ReconnectStateMachine.Action {
            stateMachine.connected(isLive: true)
            stateMachine.frameArrived(now: start)
            stateMachine.frameArrived(now: start + good)
            return stateMachine.failed(Self.error(.disconnected))
        }
        #expect(delayAfter(good: .seconds(1)) == .retry(after: .milliseconds(500)))
        #expect(delayAfter(good: .seconds(1)) == .retry(after: .seconds(1)))
        #expect(delayAfter(good: .seconds(9)) == .retry(after: .seconds(2)))
        #expect(delayAfter(good: .seconds(10)) == .retry(after: .milliseconds(500)))
    }

    @Test("Counts the ten seconds from the first frame after each reconnection")
    func resetPerConnection() {
        let start = ContinuousClock.now
        var stateMachine = self.stateMachine()
        for (attempt, delay) in [0.5, 1, 2, 4].enumerated() {
            stateMachine.connected(isLive: true)
            stateMachine.frameArrived(now: start + .seconds(60 * attempt))
            stateMachine.frameArrived(now: start + .seconds(60 * attempt + 1))
            #expect(stateMachine.failed(Self.error(.disconnected)) == .retry(after: .seconds(delay)))
        }
    }

    @Test("Finishes at the end of a file, and retries at the end of a live stream")
    func ends() {
        var file = self.stateMachine(isLive: false)
        file.connected(isLive: false)
        #expect(file.ended() == .finish)
        var camera = self.stateMachine()
        camera.connected(isLive: true)
        #expect(camera.ended() == .retry(after: .milliseconds(500)))
        // A recording behind an address that could have been a camera's.
        var recording = self.stateMachine()
        recording.connected(isLive: false)
        #expect(recording.ended() == .finish)
    }

    @Test("Fails if a file can't be read to its end")
    func fileFails() {
        var file = self.stateMachine(isLive: false, retriesInitialFailure: true)
        file.connected(isLive: false)
        #expect(file.failed(Self.error(.disconnected)) == .fail(Self.error(.disconnected)))
    }
}
