import GerundCore
import GerundStream
import Testing

@Suite("Backoff")
struct BackoffTests {
    @Test("Doubles the delay up to the maximum, and starts again after a reset")
    func doubling() {
        var backoff = Backoff(initial: .milliseconds(500), maximum: .seconds(3), jitter: 0, seed: 1)
        #expect(
            (0..<5).map { _ in backoff.next() } == [.seconds(0.5), .seconds(1), .seconds(2), .seconds(3), .seconds(3)])
        backoff.reset()
        #expect(backoff.next() == .milliseconds(500))
    }

    @Test("Never overflows, however many attempts fail")
    func manyAttempts() {
        var backoff = Backoff(initial: .nanoseconds(1), maximum: .seconds(1 << 62), jitter: 1, seed: 1)
        for _ in 0..<1000 { #expect(backoff.next() <= .seconds(1 << 62)) }
    }

    @Test("Applies jitter to the delays, within the maximum and reproducibly for a seed")
    func jitter() {
        func delays(seed: UInt64) -> [Double] {
            var backoff = Backoff(jitter: 0.2, seed: seed)
            return (0..<50).map { _ in backoff.next().seconds }
        }
        #expect(delays(seed: 1) == delays(seed: 1))
        #expect(delays(seed: 1) != delays(seed: 2))
        for (delay, middle) in zip(delays(seed: 3), [0.5, 1, 2, 4, 8, 16]) {
            #expect(abs(delay - middle) <= 0.2 * middle + 1e-9)
        }
        #expect(delays(seed: 4).allSatisfy { $0 <= 30 })
    }
}
